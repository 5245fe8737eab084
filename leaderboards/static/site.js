/* Sorting, filtering, theme, permalinks and keys for pages that read without it.
   A classic script without requests, so that it runs from file:// under the page's content security policy.
   State is in the address: #SECTION?q=words&domain=math&sort=TABLE*COLUMN*descending */
(function () {
  "use strict";

  var root = document.documentElement;
  var THEME = "rarl-eval-theme";
  var state = { at: "", q: "", domain: "", sorts: new Map() };
  var original = new Map();

  /* The theme is set before the page is drawn. Storage may be forbidden; then the choice lasts for the page. */
  function stored(value) {
    try {
      if (value !== undefined) localStorage.setItem(THEME, value);
      return localStorage.getItem(THEME);
    } catch (error) {
      return null;
    }
  }

  function setTheme(name) {
    if (name === "light" || name === "dark") root.dataset.theme = name;
  }

  function isDark() {
    return root.dataset.theme ? root.dataset.theme === "dark" : matchMedia("(prefers-color-scheme: dark)").matches;
  }

  function toggleTheme() {
    var name = isDark() ? "light" : "dark";
    setTheme(name);
    stored(name);
    labelTheme();
  }

  function labelTheme() {
    document.getElementById("theme").textContent = isDark() ? "Light" : "Dark";
  }

  setTheme(stored());
  root.classList.add("js");

  /* Address */
  function readAddress() {
    var hash = location.hash.slice(1);
    var cut = hash.indexOf("?");
    var query = new URLSearchParams(cut < 0 ? "" : hash.slice(cut + 1));
    state.at = cut < 0 ? hash : hash.slice(0, cut);
    state.q = (query.get("q") || "").slice(0, 200);
    state.domain = query.get("domain") || "";
    state.sorts = new Map();
    query.getAll("sort").forEach(function (text) {
      var parts = text.match(/^([^*]+)\*(.+)\*(ascending|descending)$/);
      if (parts) state.sorts.set(parts[1], { key: parts[2], order: parts[3] });
    });
  }

  function writeAddress() {
    var query = new URLSearchParams();
    if (state.q) query.set("q", state.q);
    if (state.domain) query.set("domain", state.domain);
    state.sorts.forEach(function (sort, table) {
      query.append("sort", table + "*" + sort.key + "*" + sort.order);
    });
    var text = query.toString();
    var hash = text ? state.at + "?" + text : state.at;
    history.replaceState(null, "", "#" + hash);
  }

  /* Sorting */
  function tables() {
    return Array.from(document.querySelectorAll("main table:not(#list table, #pairs table)"));
  }

  function headers(table) {
    return Array.from(table.tHead.rows[table.tHead.rows.length - 1].cells);
  }

  function rowsOf(table) {
    return Array.from(table.tBodies[0].rows);
  }

  /* First line of a cell as a number or as text; null where it is unknown. */
  function valueOf(cell, isText) {
    var first = isText ? cell : cell.firstChild;
    var text = first ? first.textContent.trim() : "";
    if (text === "" || text === "–") return null;
    return isText ? text : Number(text.replace(/[,+]/g, "").replace("−", "-"));
  }

  function compare(a, b, sign) {
    if (a.value === null || b.value === null) return (a.value === null) - (b.value === null) || a.at - b.at;
    var difference = typeof a.value === "string" ? a.value.localeCompare(b.value, "en", { numeric: true }) : a.value - b.value;
    return difference * sign || a.at - b.at;
  }

  function sortTable(table, key, order) {
    var cells = headers(table);
    var index = cells.findIndex(function (cell) { return cell.dataset.k === key; });
    if (index < 0) return;
    var isText = cells[index].classList.contains("t");
    var sign = order === "ascending" ? 1 : -1;
    var rows = original.get(table).map(function (row, at) {
      return { row: row, at: at, value: valueOf(row.cells[index], isText) };
    });
    rows.sort(function (a, b) { return compare(a, b, sign); });
    table.tBodies[0].append.apply(table.tBodies[0], rows.map(function (entry) { return entry.row; }));
    mark(table, cells[index], order);
  }

  function mark(table, cell, order) {
    headers(table).forEach(function (other) { other.removeAttribute("aria-sort"); });
    if (cell) cell.setAttribute("aria-sort", order);
  }

  function restore(table) {
    table.tBodies[0].append.apply(table.tBodies[0], original.get(table));
    var cell = table.querySelector("th[data-first]");
    mark(table, cell, cell && cell.dataset.first);
  }

  function clicked(table, cell) {
    var text = cell.classList.contains("t") || cell.dataset.k === "rank";
    var first = text ? "ascending" : "descending";
    var second = text ? "descending" : "ascending";
    var order = cell.getAttribute("aria-sort") === first ? second : first;
    sortTable(table, cell.dataset.k, order);
    state.sorts.set(table.id, { key: cell.dataset.k, order: order });
    var section = table.closest("section[id]");
    if (section) state.at = section.id;
    writeAddress();
  }

  function makeSortable(table) {
    original.set(table, rowsOf(table));
    headers(table).forEach(function (cell) {
      if (!cell.dataset.k) return;
      if (cell.hasAttribute("aria-sort")) cell.dataset.first = cell.getAttribute("aria-sort");
      var button = document.createElement("button");
      button.type = "button";
      button.append.apply(button, Array.from(cell.childNodes));
      button.addEventListener("click", function () { clicked(table, cell); });
      cell.append(button);
    });
  }

  /* Filtering: words must all be in the row's name; commas separate alternatives. */
  function matcher(text) {
    var groups = text.toLowerCase().split(",").map(function (part) { return part.trim().split(/\s+/).filter(Boolean); });
    groups = groups.filter(function (words) { return words.length; });
    return function (name) {
      return !groups.length || groups.some(function (words) {
        return words.every(function (word) { return name.includes(word); });
      });
    };
  }

  function filter() {
    var matches = matcher(state.q);
    var all = new Set();
    var kept = new Set();
    tables().forEach(function (table) {
      original.get(table).forEach(function (row) {
        var header = row.querySelector("th[scope=row]");
        var name = (header.title || header.textContent).toLowerCase();
        row.hidden = table.id !== "contamination" && !matches(name);
        if (table.id === "contamination") return;
        all.add(name);
        if (!row.hidden) kept.add(name);
      });
    });
    document.querySelectorAll("section[data-domain]").forEach(function (section) {
      section.hidden = Boolean(state.domain) && section.dataset.domain !== state.domain;
    });
    document.getElementById("shown").textContent = state.q ? kept.size + " of " + all.size : "";
  }

  /* Controls */
  function element(tag, properties) {
    return Object.assign(document.createElement(tag), properties);
  }

  function domains() {
    var names = Array.from(document.querySelectorAll("section[data-domain]"), function (s) { return s.dataset.domain; });
    return Array.from(new Set(names));
  }

  function domainSelect() {
    var select = element("select", { id: "domain" });
    select.setAttribute("aria-label", "Domain");
    select.append(element("option", { value: "", textContent: "All domains" }));
    domains().forEach(function (name) { select.append(element("option", { value: name, textContent: name })); });
    select.addEventListener("change", function () {
      state.domain = select.value;
      filter();
      writeAddress();
    });
    return select;
  }

  function makeControls() {
    var tools = document.getElementById("tools");
    if (tables().length) {
      var input = element("input", { id: "filter", type: "search", placeholder: "Filter rows by name", maxLength: 200 });
      input.setAttribute("aria-label", "Filter rows by name; commas separate alternatives");
      input.addEventListener("input", function () {
        state.q = input.value;
        filter();
        writeAddress();
      });
      tools.append(element("output", { id: "shown" }), input);
      if (domains().length > 1) tools.append(domainSelect());
    }
    var theme = element("button", { id: "theme", type: "button" });
    theme.setAttribute("aria-label", "Switch between light and dark");
    theme.addEventListener("click", toggleTheme);
    tools.append(theme);
    labelTheme();
  }

  function apply() {
    readAddress();
    var input = document.getElementById("filter");
    if (!input) return;
    input.value = state.q;
    var select = document.getElementById("domain");
    if (select) select.value = state.domain;
    if (select && select.value !== state.domain) select.value = state.domain = "";
    filter();
    tables().forEach(function (table) {
      var sort = state.sorts.get(table.id);
      if (sort) sortTable(table, sort.key, sort.order);
      else restore(table);
    });
    var target = location.hash.includes("?") && state.at && document.getElementById(state.at);
    if (target) target.scrollIntoView();
  }

  /* Keys */
  function move(step) {
    var frames = Array.from(document.querySelectorAll(".frame")).filter(function (f) { return f.offsetParent; });
    var tops = frames.map(function (frame) { return frame.getBoundingClientRect().top; });
    var later = tops.findIndex(function (top) { return top > 24; });
    var next = step > 0 ? later : tops.filter(function (top) { return top < -8; }).length - 1;
    var frame = frames[next];
    if (!frame) return;
    frame.focus({ preventScroll: true });
    frame.scrollIntoView();
  }

  function pressed(event) {
    var input = document.getElementById("filter");
    if (event.key === "Escape" && event.target === input) {
      input.value = state.q = "";
      filter();
      writeAddress();
      input.blur();
    }
    if (event.ctrlKey || event.metaKey || event.altKey || /^(INPUT|SELECT|TEXTAREA)$/.test(event.target.tagName)) return;
    if (event.key === "/" && input) input.focus();
    else if (event.key === "]") move(1);
    else if (event.key === "[") move(-1);
    else if (event.key === "t") toggleTheme();
    else return;
    event.preventDefault();
  }

  document.addEventListener("DOMContentLoaded", function () {
    tables().forEach(makeSortable);
    makeControls();
    apply();
    addEventListener("hashchange", apply);
    addEventListener("keydown", pressed);
  });
})();
