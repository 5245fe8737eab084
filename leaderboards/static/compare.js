/* Choose models and see every pair of them on every task, and the items that one of a pair alone got right.
   All figures come from the site's own scripts data/compare/TASK.js and data/items/TASK.js; nothing is computed here.
   State is in the address: #models=ANCHOR,ANCHOR&flips=TASK*ANCHOR*ANCHOR */
(function () {
  "use strict";

  var element = window.rarlEval.element, load = window.rarlEval.load;
  var tasks = [];
  var chosen = [];
  var flips = "";
  var MOST_FLIPS = 300;

  function readAddress() {
    var query = new URLSearchParams(location.hash.slice(1));
    var known = names();
    chosen = (query.get("models") || "").split(",").filter(function (anchor) { return known.has(anchor); });
    if (chosen.length < 2) chosen = Array.from(known.keys()).slice(0, 2);
    flips = query.get("flips") || "";
  }

  function writeAddress() {
    var query = new URLSearchParams({ models: chosen.join(",") });
    if (flips) query.set("flips", flips);
    history.replaceState(null, "", "#" + query.toString());
  }

  function names() {
    var found = new Map();
    tasks.forEach(function (task) {
      task.models.forEach(function (model) { found.set(model[0], model[1] + (model[2] ? " " + model[2] : "")); });
    });
    return found;
  }

  function signed(value) {
    if (value === null) return "–";
    var text = Math.abs(value).toFixed(1);
    return text === "0.0" ? text : (value < 0 ? "−" : "+") + text;
  }

  function span(pair) {
    return pair[4] === null || pair[5] === null ? "" : signed(pair[4]) + " to " + signed(pair[5]);
  }

  function shown(value) {
    return value === null ? "–" : value.toLocaleString("en");
  }

  function cell(text, sub, kind) {
    var made = element("td", { textContent: text, className: kind || "" });
    if (sub) made.append(element("small", { textContent: sub }));
    return made;
  }

  function head(label, kind) {
    return element("th", { scope: "col", textContent: label, className: kind || "" });
  }

  function rowsOf(task) {
    var order = names();
    return task.pairs.filter(function (pair) {
      return chosen.includes(task.models[pair[0]][0]) && chosen.includes(task.models[pair[1]][0]);
    }).map(function (pair) { return row(task, pair, order); });
  }

  function row(task, pair, order) {
    var a = task.models[pair[0]][0], b = task.models[pair[1]][0];
    var told = pair[4] !== null && (pair[4] > 0 || pair[5] < 0);
    var button = element("button", { type: "button", textContent: "Items" });
    button.setAttribute("aria-label", "Items on which " + order.get(a) + " and " + order.get(b) + " differ on " + task.task);
    button.addEventListener("click", function () {
      flips = [task.slug, a, b].join("*");
      writeAddress();
      drawFlips(true);
    });
    var last = element("td", {}, [button]);
    return element("tr", {}, [
      element("th", { scope: "row", textContent: task.task }), cell(order.get(a), "", "t"), cell(order.get(b), "", "t"),
      cell(shown(pair[2])), cell(signed(pair[3]), span(pair), told ? "told" : ""), cell(shown(pair[6])), cell(shown(pair[7])),
      cell(pair[8]), cell(pair[9]), cell(pair[10] === null ? "–" : pair[10].toFixed(1)), last
    ]);
  }

  function draw() {
    var rows = [];
    tasks.forEach(function (task) { rows = rows.concat(rowsOf(task)); });
    var heads = ["Task", "Model", "against", "Items", "Difference, pts", "first only", "second only", "p", "Holm's p", "Finds, pts", "Differ on"];
    var header = element("tr", {}, heads.map(function (label, at) { return head(label, at < 3 ? "t" : ""); }));
    var caption = element("caption", {}, [element("span", { textContent: "Models chosen, pair by pair" })]);
    var table = element("table", { id: "chosen" }, [caption, element("thead", {}, [header]), element("tbody", {}, rows)]);
    var frame = element("div", { className: "frame", tabIndex: 0 }, [table]);
    frame.setAttribute("role", "region");
    frame.setAttribute("aria-label", "Models chosen, pair by pair");
    document.getElementById("result").replaceChildren(frame);
    drawFlips(false);
  }

  function isRight(code) {
    return code === "R" || code === "M";
  }

  function drawFlips(scroll) {
    var place = document.getElementById("flips");
    var parts = flips.split("*");
    var task = tasks.find(function (one) { return one.slug === parts[0]; });
    place.replaceChildren();
    if (!task) return;
    load("data/items/" + task.slug + ".js", "items/" + task.slug, function (found) {
      var models = parts.slice(1).map(function (anchor) { return found.models.find(function (m) { return m.anchor === anchor; }); });
      if (!models[0] || !models[1]) return;
      place.replaceChildren(flipList(task, found, models[0], models[1]), flipList(task, found, models[1], models[0]));
      if (scroll) place.scrollIntoView();
    });
  }

  function flipList(task, found, right, wrong) {
    var at = [];
    found.items.forEach(function (item, index) {
      var other = wrong.codes[index];
      if (isRight(right.codes[index]) && !isRight(other) && other !== "-" && other !== "E" && other !== "U") at.push(index);
    });
    var entries = at.slice(0, MOST_FLIPS).map(function (index) {
      var item = found.items[index];
      var link = element("a", { href: "items/" + task.slug + "/" + item[0] + ".html#" + right.anchor + "," + wrong.anchor, textContent: item[1] });
      return element("li", {}, [link, " " + item[2] + " (" + found.codes[wrong.codes[index]] + ")"]);
    });
    if (at.length > MOST_FLIPS) entries.push(element("li", { textContent: (at.length - MOST_FLIPS) + " more" }));
    var title = at.length.toLocaleString("en") + " items of " + task.task + " that " + right.name + " gets right and " + wrong.name + " does not";
    return element("section", { className: "flips" }, [element("h2", { textContent: title }), element("ul", {}, entries)]);
  }

  function chooser() {
    var boxes = Array.from(names(), function (pair) {
      var box = element("input", { type: "checkbox", value: pair[0], checked: chosen.includes(pair[0]) });
      box.addEventListener("change", function () {
        chosen = Array.from(document.querySelectorAll("#models input:checked"), function (one) { return one.value; });
        flips = "";
        writeAddress();
        draw();
      });
      return element("label", {}, [box, " " + pair[1]]);
    });
    return element("fieldset", { id: "models" }, [element("legend", { textContent: "Models" })].concat(boxes));
  }

  function start(place) {
    readAddress();
    place.append(chooser(), element("div", { id: "result" }), element("div", { id: "flips" }));
    draw();
    addEventListener("hashchange", function () {
      readAddress();
      document.querySelectorAll("#models input").forEach(function (box) { box.checked = chosen.includes(box.value); });
      draw();
    });
  }

  document.addEventListener("DOMContentLoaded", function () {
    var place = document.getElementById("pairs");
    var slugs = place ? place.dataset.tasks.split(" ").filter(Boolean) : [];
    var waiting = slugs.length;
    slugs.forEach(function (slug, at) {
      load("data/compare/" + slug + ".js", "compare/" + slug, function (found) {
        tasks[at] = found;
        waiting -= 1;
        if (!waiting) start(place);
      });
    });
  });
})();
