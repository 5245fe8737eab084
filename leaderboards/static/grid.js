/* Every model on every item of a task, drawn on a canvas from the script that lists of items read.
   A cell's colour and height say the verdict, a mark above it that the item stands in a scanned corpus; a click, or
   Enter, opens the answer. Arrows, Home, End, Page Up and Page Down move. */
(function () {
  "use strict";

  var element = window.rarlEval.element;
  var HEIGHT = 15, STRIP = 7, WIDEST = 18, READABLE = 4;
  var LONGEST = 16000; /* pixels of a canvas that every browser draws */
  var PAGE = 20;
  var SHARES = { R: 1, M: 0.75, P: 0.5, W: 0.35, A: 0.35, N: 0.35, D: 0.35, E: 0.2, U: 0.2 };
  var KINDS = { R: "right", M: "right", P: "right", W: "wrong", A: "wrong", N: "none", D: "none", E: "none", U: "none" };
  var place, data, order, canvas, cursor, told, width, at = { row: 0, column: 0 };

  function rightOf(index) {
    return data.models.filter(function (model) { return "RMP".includes(model.codes[index]); }).length;
  }

  function found(index) {
    return data.items[index][3] === "flagged";
  }

  function ordered(how) {
    var right = data.items.map(function (_, index) { return rightOf(index); });
    var all = data.items.map(function (_, index) { return index; });
    if (how === "given") return all;
    return all.sort(function (a, b) {
      if (how === "found" && found(a) !== found(b)) return found(a) ? -1 : 1;
      return right[b] - right[a] || a - b;
    });
  }

  function colours() {
    var made = {};
    place.querySelectorAll(".legend i").forEach(function (chip) {
      made[chip.className] = getComputedStyle(chip).backgroundColor;
    });
    return made;
  }

  function draw() {
    var shown = order.length;
    var room = canvas.parentNode.parentNode.clientWidth;
    width = Math.max(1, Math.min(WIDEST, Math.max(Math.floor(room / shown), Math.min(READABLE, Math.floor(LONGEST / shown)))));
    var across = width * shown, down = STRIP + HEIGHT * data.models.length;
    var scale = Math.min(window.devicePixelRatio || 1, 2 * LONGEST / across);
    canvas.width = Math.round(across * scale);
    canvas.height = Math.round(down * scale);
    canvas.style.width = across + "px";
    canvas.style.height = down + "px";
    var pen = canvas.getContext("2d"), colour = colours(), gap = width > 3 ? 1 : 0;
    pen.scale(scale, scale);
    order.forEach(function (index, column) {
      if (!found(index)) return;
      pen.fillStyle = colour.found;
      pen.fillRect(column * width, 0, width - gap, STRIP - 3);
    });
    data.models.forEach(function (model, row) {
      var floor = STRIP + HEIGHT * (row + 1) - 2;
      order.forEach(function (index, column) {
        var code = model.codes[index], share = SHARES[code];
        if (!share) return;
        pen.fillStyle = colour[KINDS[code]];
        pen.fillRect(column * width, floor - share * (HEIGHT - 3), width - gap, share * (HEIGHT - 3));
      });
    });
    move(at.row, at.column, true);
  }

  function href() {
    return place.dataset.items + data.items[order[at.column]][0] + ".html#" + data.models[at.row].anchor;
  }

  function nameOf(model) {
    return model.name + (model.run ? " " + model.run : "");
  }

  function say() {
    var item = data.items[order[at.column]], model = data.models[at.row];
    var link = element("a", { href: href(), textContent: nameOf(model) + " on " + item[1] });
    var verdict = data.codes[model.codes[order[at.column]]];
    told.replaceChildren(link, ": " + verdict + (found(order[at.column]) ? ", found in training data. " : ". ") + item[2]);
  }

  function move(row, column, quiet) {
    at.row = Math.max(0, Math.min(data.models.length - 1, row));
    at.column = Math.max(0, Math.min(order.length - 1, column));
    Object.assign(cursor.style, {
      left: at.column * width - 1 + "px", top: STRIP + at.row * HEIGHT - 1 + "px",
      width: width + 2 + "px", height: HEIGHT + 1 + "px"
    });
    if (quiet) return;
    cursor.hidden = false;
    cursor.scrollIntoView({ block: "nearest", inline: "nearest" });
    say();
  }

  function pointed(event) {
    var box = canvas.getBoundingClientRect();
    return [Math.floor((event.clientY - box.top - STRIP) / HEIGHT), Math.floor((event.clientX - box.left) / width)];
  }

  function hovered(event) {
    if (event.pointerType === "touch") return;
    var to = pointed(event);
    at.row = Math.max(0, Math.min(data.models.length - 1, to[0]));
    at.column = Math.max(0, Math.min(order.length - 1, to[1]));
    move(at.row, at.column, true);
    cursor.hidden = false;
    say();
  }

  /* A finger has no hover: its tap chooses, and the line below leads to the answer. */
  function clicked(event) {
    var to = pointed(event);
    move(to[0], to[1]);
    if (event.pointerType !== "touch") location.href = href();
  }

  function pressed(event) {
    var steps = {
      ArrowLeft: [0, -1], ArrowRight: [0, 1], ArrowUp: [-1, 0], ArrowDown: [1, 0],
      PageUp: [0, -PAGE], PageDown: [0, PAGE], Home: [0, -Infinity], End: [0, Infinity]
    };
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.key === "Enter") location.href = href();
    else if (steps[event.key]) move(at.row + steps[event.key][0], at.column + steps[event.key][1]);
    else return;
    event.preventDefault();
  }

  function chooser() {
    var options = [["easy", "Easiest first"], ["given", "In the benchmark's order"]];
    if (data.items.some(function (_, index) { return found(index); })) options.unshift(["found", "Found in training data first"]);
    var select = element("select", {}, options.map(function (pair) {
      return element("option", { value: pair[0], textContent: pair[1] });
    }));
    select.setAttribute("aria-label", "Order of the items");
    select.addEventListener("change", function () { order = ordered(select.value).slice(0, LONGEST); draw(); });
    order = ordered(select.value).slice(0, LONGEST);
    return select;
  }

  function chip(name, text) {
    return element("span", {}, [element("i", { className: name }), text]);
  }

  function make(loaded) {
    data = loaded;
    if (!data.items.length) return;
    canvas = element("canvas", { tabIndex: 0 });
    canvas.setAttribute("role", "application");
    canvas.setAttribute("aria-label", "Models by items. Arrow keys move, Enter opens the answer.");
    cursor = element("div", { className: "cursor", hidden: true });
    told = element("output", {});
    var select = chooser();
    var names = element("ul", { className: "names" }, data.models.map(function (model) {
      return element("li", { textContent: nameOf(model), title: nameOf(model) });
    }));
    var cells = element("div", { className: "cells" }, [element("div", { className: "sheet" }, [canvas, cursor])]);
    var legend = element("p", { className: "legend" }, [
      chip("right", "right"), chip("wrong", "wrong"), chip("none", "no answer, declined, failed or not judged"),
      chip("found", "found in training data")
    ]);
    place.append(select, legend, element("div", { className: "grid" }, [names, cells]), told);
    place.hidden = false;
    canvas.addEventListener("pointermove", hovered);
    canvas.addEventListener("click", clicked);
    canvas.addEventListener("keydown", pressed);
    canvas.addEventListener("focus", function () { move(at.row, at.column); });
    addEventListener("resize", draw);
    matchMedia("(prefers-color-scheme: dark)").addEventListener("change", draw);
    new MutationObserver(draw).observe(document.documentElement, { attributeFilter: ["data-theme"] });
    draw();
  }

  document.addEventListener("DOMContentLoaded", function () {
    place = document.getElementById("grid");
    if (place) window.rarlEval.load(place.dataset.shard, place.dataset.name, make);
  });
})();
