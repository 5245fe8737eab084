/* Choosing by part and judgement, and judging: what was clicked is told as the command that records it.
   The judgements that were not recorded yet are kept by the browser, for one scan and over its pages. */
(function () {
  "use strict";

  var WORDS = ["true", "false", "passage"];

  function element(name, text, props) {
    var made = Object.assign(document.createElement(name), props || {});
    if (text) made.textContent = text;
    return made;
  }

  function kept(place, value) {
    try {
      if (value) localStorage.setItem(place, JSON.stringify(value));
      var found = JSON.parse(localStorage.getItem(place) || "{}");
      return found && typeof found === "object" ? found : {};
    } catch (error) {
      return value || {};
    }
  }

  function select(label, names) {
    var made = element("select");
    made.setAttribute("aria-label", label);
    names.forEach(function (pair) { made.append(element("option", pair[1], { value: pair[0] })); });
    return made;
  }

  document.addEventListener("DOMContentLoaded", function () {
    var tools = document.getElementById("judging");
    if (!tools) return;
    var place = "rarl-eval-judged " + tools.dataset.scan;
    var entries = Array.from(document.querySelectorAll("article.audited"));
    var judged = kept(place);
    var parts = select("Part", [["", "All parts"]].concat(tools.dataset.parts.split(" ").map(function (p) { return [p, p]; })));
    var state = select("Judgement", [["", "Judged or not"], ["none", "Not judged"]].concat(WORDS.map(function (w) { return [w, w]; })));
    var shown = element("output");
    var told = element("textarea", "", { readOnly: true, rows: 3, hidden: true });
    told.setAttribute("aria-label", "Command that records the judgements");
    var forget = element("button", "Forget these judgements", { type: "button", hidden: true });

    function value(entry) {
      return judged[entry.dataset.key] || entry.dataset.judged;
    }

    function choose() {
      var count = 0;
      entries.forEach(function (entry) {
        var wanted = !state.value || (state.value === "none" ? !value(entry) : value(entry) === state.value);
        entry.hidden = !(wanted && (!parts.value || entry.dataset.part === parts.value));
        count += !entry.hidden;
      });
      shown.textContent = count + " of " + entries.length;
    }

    function tell() {
      var keys = Object.keys(judged).filter(function (k) { return /^[0-9a-f]+$/.test(k) && WORDS.indexOf(judged[k]) >= 0; }).sort();
      told.hidden = forget.hidden = !keys.length;
      told.value = "rarl-eval audit SCAN" + keys.map(function (k) { return " --record " + k + "=" + judged[k]; }).join("");
      entries.forEach(function (entry) {
        entry.querySelectorAll("button").forEach(function (b) {
          b.setAttribute("aria-pressed", String(judged[entry.dataset.key] === b.value));
        });
      });
    }

    entries.forEach(function (entry) {
      var line = entry.querySelector(".key");
      WORDS.forEach(function (word) {
        var button = element("button", word, { type: "button", value: word });
        button.addEventListener("click", function () {
          if (judged[entry.dataset.key] === word) delete judged[entry.dataset.key];
          else judged[entry.dataset.key] = word;
          kept(place, judged);
          tell();
        });
        line.append(" ", button);
      });
    });
    forget.addEventListener("click", function () {
      judged = {};
      kept(place, judged);
      tell();
      choose();
    });
    [parts, state].forEach(function (s) { s.addEventListener("change", choose); });
    tools.append(parts, state, shown, told, forget);
    tell();
    choose();
  });
})();
