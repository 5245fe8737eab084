/* What the site's scripts share: making elements, and reading data.
   Data comes as classic scripts that assign to window.rarlEvalData, the only kind that file:// can read. */
(function () {
  "use strict";

  function element(tag, properties, children) {
    var made = Object.assign(document.createElement(tag), properties);
    made.append.apply(made, children || []);
    return made;
  }

  function load(url, name, done) {
    var held = function () { return (window.rarlEvalData || {})[name]; };
    if (held()) { done(held()); return; }
    var script = element("script", { src: url });
    script.addEventListener("load", function () { if (held()) done(held()); });
    document.head.append(script);
  }

  window.rarlEval = { element: element, load: load };
})();
