/* Lists of items: choose by model, verdict, scan and words. Pages of items: whole texts, keys, permalinks.
   State is in the address: #model=ANCHOR&verdict=W&scan=flagged&order=hard&q=words */
(function () {
  "use strict";

  var element = window.rarlEval.element, load = window.rarlEval.load;
  var STEP = 200;
  var FIELDS = ["model", "verdict", "scan", "order", "q"];
  var state = {};
  var data = null;
  var shown = STEP;

  /* Lists */
  function readAddress() {
    var query = new URLSearchParams(location.hash.slice(1));
    FIELDS.forEach(function (name) { state[name] = (query.get(name) || "").slice(0, 200); });
  }

  function writeAddress() {
    var query = new URLSearchParams();
    FIELDS.forEach(function (name) { if (state[name]) query.set(name, state[name]); });
    history.replaceState(null, "", "#" + query.toString());
  }

  function share(index) {
    var right = 0, asked = 0;
    data.models.forEach(function (model) {
      var code = model.codes[index];
      if (code === "-") return;
      asked += 1;
      if ("RMP".includes(code)) right += 1;
    });
    return { right: right, asked: asked, share: asked ? right / asked : 0 };
  }

  function chosenModel() {
    return data.models.find(function (model) { return model.anchor === state.model; });
  }

  function wanted() {
    var words = state.q.toLowerCase().split(/\s+/).filter(Boolean);
    var model = chosenModel();
    var found = [];
    data.items.forEach(function (item, index) {
      var text = (item[1] + " " + item[2]).toLowerCase();
      if (!words.every(function (word) { return text.includes(word); })) return;
      if (state.scan && item[3] !== state.scan) return;
      if (model && state.verdict && model.codes[index] !== state.verdict) return;
      found.push(index);
    });
    var sign = { hard: 1, easy: -1 }[state.order];
    if (sign) found.sort(function (a, b) { return sign * (share(a).share - share(b).share) || a - b; });
    return found;
  }

  function cell(kind, text) {
    return element("td", { className: kind, textContent: text });
  }

  function row(folder, index) {
    var item = data.items[index], model = chosenModel(), counts = share(index);
    var link = element("a", { href: folder + item[0] + ".html" + (model ? "#" + model.anchor : ""), textContent: item[1] });
    var head = element("th", { scope: "row" }, [link]);
    var cells = [head, cell("t", item[2]), cell("t", item[3]), cell("", String(counts.right)), cell("", String(counts.asked))];
    if (model) cells.push(cell("t code-" + model.codes[index], data.codes[model.codes[index]] || ""));
    return element("tr", {}, cells);
  }

  function draw() {
    var place = document.getElementById("choose");
    var table = document.querySelector("#list table");
    var found = wanted(), model = chosenModel();
    var folder = place.dataset.name.split("/")[1] + "/";
    table.tBodies[0].replaceChildren.apply(
      table.tBodies[0], found.slice(0, shown).map(function (index) { return row(folder, index); })
    );
    var heads = table.tHead.rows[table.tHead.rows.length - 1];
    if (heads.cells.length > 5) heads.cells[5].remove();
    if (model) heads.append(element("th", { scope: "col", className: "t", textContent: model.name + (model.run ? " " + model.run : "") }));
    document.getElementById("count").textContent = found.length.toLocaleString("en") + " of " + data.items.length.toLocaleString("en");
    document.getElementById("more").hidden = found.length <= shown;
    document.getElementById("verdict").disabled = !model;
  }

  function select(name, label, options) {
    var made = element("select", { id: name }, options.map(function (pair) {
      return element("option", { value: pair[0], textContent: pair[1] });
    }));
    made.setAttribute("aria-label", label);
    made.addEventListener("change", function () { changed(name, made.value); });
    return made;
  }

  function changed(name, value) {
    state[name] = value;
    shown = STEP;
    writeAddress();
    draw();
  }

  function apply() {
    readAddress();
    FIELDS.forEach(function (name) {
      var field = document.getElementById(name);
      field.value = state[name];
      if (field.value !== state[name]) field.value = state[name] = "";
    });
    draw();
  }

  function makeList(place, found) {
    data = found;
    var models = data.models.map(function (m) { return [m.anchor, m.name + (m.run ? " " + m.run : "")]; });
    var verdicts = Object.keys(data.codes).map(function (code) { return [code, data.codes[code]]; });
    var words = element("input", { id: "q", type: "search", placeholder: "Search items", maxLength: 200 });
    words.setAttribute("aria-label", "Search items by id and question; all words must be there");
    words.addEventListener("input", function () { changed("q", words.value); });
    place.append(
      words,
      select("model", "Model", [["", "All models"]].concat(models)),
      select("verdict", "Verdict of the model", [["", "Any verdict"]].concat(verdicts)),
      select("scan", "What scans say", [["", "Scanned or not"], ["clean", "clean"], ["flagged", "flagged"], ["unscanned", "unscanned"]]),
      select("order", "Order", [["", "In the benchmark's order"], ["hard", "Hardest first"], ["easy", "Easiest first"]]),
      element("output", { id: "count" })
    );
    var more = element("button", { id: "more", type: "button", textContent: "Show more" });
    more.addEventListener("click", function () { shown += STEP; draw(); });
    document.querySelectorAll("#list .pager").forEach(function (pager) { pager.remove(); });
    document.getElementById("list").append(more);
    apply();
    addEventListener("hashchange", apply);
  }

  /* Pages of items */
  function showWhole(place, answer, texts) {
    var blocks = answer.querySelectorAll("pre");
    texts.filter(Boolean).slice(-blocks.length).forEach(function (text, index) { blocks[index].textContent = text; });
    answer.removeAttribute("data-cut");
  }

  function offerWhole(place, answer) {
    var button = element("button", { type: "button", className: "whole", textContent: "Show the whole text" });
    button.addEventListener("click", function () {
      load(place.dataset.whole, place.dataset.name, function (found) {
        if (!found[answer.id]) return;
        showWhole(place, answer, found[answer.id]);
        button.remove();
      });
    });
    answer.querySelector("summary").after(button);
  }

  function anchor() {
    try {
      return decodeURIComponent(location.hash.slice(1));
    } catch (error) {
      return "";
    }
  }

  /* Two anchors with a comma between them stand side by side, above the others. */
  function beside(answers) {
    var frame = document.querySelector(".beside");
    if (!frame) {
      frame = element("div", { className: "beside" });
      document.querySelector("#answers .answer").before(frame);
    }
    Array.from(frame.children).forEach(function (one) { if (!answers.includes(one)) frame.after(one); });
    frame.append.apply(frame, answers);
  }

  function openTarget() {
    var answers = anchor().split(",").map(function (name) {
      return document.getElementById(name) || document.getElementById(name + "~0");
    }).filter(function (one) { return one && one.classList.contains("answer"); });
    answers.forEach(function (one) { one.open = true; });
    if (answers.length === 2) beside(answers);
    if (answers.length) answers[0].scrollIntoView();
  }

  function pressed(event) {
    if (event.ctrlKey || event.metaKey || event.altKey || /^(INPUT|SELECT|TEXTAREA)$/.test(event.target.tagName)) return;
    var link = { j: "a[rel=next]", k: "a[rel=prev]" }[event.key];
    var field = document.getElementById("q");
    if (link && document.querySelector(link)) document.querySelector(link).click();
    else if (event.key === "/" && field) field.focus();
    else if (event.key === "o") toggleAll();
    else return;
    event.preventDefault();
  }

  function toggleAll() {
    var all = Array.from(document.querySelectorAll("details.answer"));
    var open = all.some(function (one) { return !one.open; });
    all.forEach(function (one) { one.open = open; });
  }

  document.addEventListener("DOMContentLoaded", function () {
    var list = document.getElementById("choose");
    var answers = document.getElementById("answers");
    if (list) load(list.dataset.shard, list.dataset.name, function (found) { makeList(list, found); });
    if (answers) {
      answers.querySelectorAll("[data-cut]").forEach(function (answer) { offerWhole(answers, answer); });
      openTarget();
      addEventListener("hashchange", openTarget);
    }
    addEventListener("keydown", pressed);
  });
})();
