/* Headers of tables explain themselves: on hover, on focus and on tap a box says what the column is and leads to
   Methods. It stays while the pointer is on it, and goes with Escape. Texts come from data/methods.js, read when the
   first box is asked for. */
(function () {
  "use strict";

  var element = window.rarlEval.element;
  var WAIT = 350; /* milliseconds a pointer rests before a box opens: crossing a table opens none */
  var tip, owner, timer, base;

  function told(cell, done) {
    window.rarlEval.load(base + "data/methods.js", "methods", function (known) {
      var found = known[cell.dataset.m || cell.dataset.k];
      if (found) done(found);
    });
  }

  function place(cell) {
    var box = cell.getBoundingClientRect(), wide = document.documentElement.clientWidth;
    tip.style.left = Math.max(8, Math.min(box.left, wide - tip.offsetWidth - 8)) + "px";
    var below = box.bottom + tip.offsetHeight + 8 < innerHeight;
    tip.style.top = (below ? box.bottom + 4 : Math.max(4, box.top - tip.offsetHeight - 4)) + "px";
  }

  function show(cell) {
    told(cell, function (found) {
      if (owner === cell && tip && !tip.hidden) return;
      if (!tip) {
        tip = element("div", { id: "tip" });
        tip.setAttribute("role", "tooltip");
        tip.addEventListener("pointerenter", function () { clearTimeout(timer); });
        tip.addEventListener("pointerleave", later);
      }
      hide();
      owner = cell;
      var link = element("a", { href: base + "methods.html" + (found[1] ? "#" + found[1] : ""), textContent: "Methods" });
      tip.replaceChildren(found[0] + " ", link);
      tip.hidden = false;
      (cell.closest("section") || document.querySelector("main")).append(tip);
      var button = cell.querySelector("button");
      if (button) button.setAttribute("aria-describedby", "tip");
      place(cell);
    });
  }

  function hide() {
    clearTimeout(timer);
    if (tip) tip.hidden = true;
    var button = owner && owner.querySelector("button");
    if (button) button.removeAttribute("aria-describedby");
    owner = null;
  }

  function later() {
    clearTimeout(timer);
    timer = setTimeout(hide, WAIT);
  }

  function headerOf(event) {
    return event.target.closest ? event.target.closest("thead th[data-k]") : null;
  }

  document.addEventListener("DOMContentLoaded", function () {
    base = document.querySelector("link[rel=stylesheet]").getAttribute("href").replace(/static\/site\.css$/, "");
    document.addEventListener("pointerover", function (event) {
      var cell = headerOf(event);
      if (!cell || event.pointerType === "touch" || cell === owner) { if (cell) clearTimeout(timer); return; }
      clearTimeout(timer);
      timer = setTimeout(function () { show(cell); }, WAIT);
    });
    document.addEventListener("pointerout", function (event) {
      if (headerOf(event) && event.pointerType !== "touch") later();
    });
    document.addEventListener("focusin", function (event) {
      var cell = headerOf(event);
      if (cell) show(cell);
      else if (tip && !tip.contains(event.target)) hide();
    });
    document.addEventListener("click", function (event) {
      if (!headerOf(event) && tip && !tip.contains(event.target)) hide();
    });
    document.addEventListener("keydown", function (event) { if (event.key === "Escape") hide(); });
    document.addEventListener("scroll", function () { if (owner) place(owner); }, true);
  });
})();
