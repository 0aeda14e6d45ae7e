"use strict";
(() => {
  const SAME = 0, CHANGED = 1, REMOVED = 2, ADDED = 3, GAP = 4, HEAD = 5;
  const CONTEXT = 3, SHORTEST_GAP = 8, CHUNK = 200;
  const SIGNS = {[CHANGED]: "~", [REMOVED]: "−", [ADDED]: "+"};
  const CLASSES = {[SAME]: "same", [CHANGED]: "changed", [REMOVED]: "removed", [ADDED]: "added"};
  const TITLES = {
    failed: "Tests that no longer pass", changed: "Differing", renewed: "The same under the changed contract",
    new: "Recorded for the first time", unchanged: "Unchanged",
  };
  const content = JSON.parse(document.getElementById("content").textContent);
  const byId = (id) => document.getElementById(id);
  const list = byId("list"), entries = byId("entries"), detail = byId("detail"), search = byId("search");
  const caseOf = new Map(content.cases.map((one, index) => [one.cassette, index]));
  const caseOfTest = new Map(content.cases.map((one, index) => [one.test, index]));

  // Whatever a service said is put in as text, never as markup.
  const el = (name, attributes, ...children) => {
    const made = document.createElement(name);
    for (const [key, value] of Object.entries(attributes || {})) {
      if (value !== null && value !== undefined && value !== false) made.setAttribute(key, value);
    }
    made.append(...children.flat().filter((child) => child !== null && child !== undefined));
    return made;
  };
  const svg = (name, attributes, ...children) => {
    const made = document.createElementNS("http://www.w3.org/2000/svg", name);
    for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
    made.append(...children);
    return made;
  };
  const isSame = (row) => row[0] === SAME || row[0] === HEAD;
  const count = (number, noun) => `${number} ${noun}${number === 1 ? "" : "s"}`;
  const size = (bytes) => bytes < 1000 ? `${bytes} B` : bytes < 1e6 ? `${(bytes / 1e3).toFixed(1)} kB` : `${(bytes / 1e6).toFixed(1)} MB`;
  const folders = content.cases.map((one) => one.cassette.split("/"));
  const shared = folders.length && folders.every((one) => one.length > 1 && one[0] === folders[0][0]) ? `${folders[0][0]}/` : "";
  const short = (name) => name.startsWith(shared) ? name.slice(shared.length).replace(/\.ya?ml$/, "") : name;
  const word = (severity) => el("span", {class: `word ${severity}`}, severity);
  const dot = (severity) => el("span", {class: `dot ${severity || ""}`, "aria-hidden": "true"});

  // ---------------------------------------------------------------- the list

  const groups = () => {
    const made = [{title: "", items: [{key: "o", title: "Overview", note: "", text: "overview"}]}];
    const causes = content.causes.map((cause) => ({
      key: `cause=${cause.id}`, title: cause.coordinate, note: cause.sentence, severity: cause.severity,
      many: cause.cassettes.length || "none", rule: cause.rule,
      text: `${cause.coordinate} ${cause.sentence} ${cause.rule} ${cause.service} ${cause.id}`.toLowerCase(),
    }));
    const cases = content.cases.map((one, index) => ({
      key: `case=${index}`, title: short(one.cassette), note: one.test, severity: one.severity, status: one.status,
      many: one.differences || "", text: `${one.cassette} ${one.test} ${one.status} ${one.verdict}`.toLowerCase(),
    }));
    const add = (title, items) => { if (items.length) made.push({title, items}); };
    add(TITLES.failed, cases.filter((one) => one.status === "failed"));
    add("Changes of contracts", causes.filter((one) => one.rule));
    add("Changes that no contract explains", causes.filter((one) => !one.rule));
    for (const status of ["changed", "renewed", "new", "unchanged"]) {
      add(TITLES[status], cases.filter((one) => one.status === status));
    }
    if (content.coverage) add("Contracts", [{key: "coverage", title: "Coverage", note: "what no recording exercises", text: "coverage"}]);
    return made;
  };
  const all = groups();
  let shown = [];
  let current = "";

  const entry = (item) => el("li", {},
    el("a", {class: "entry", href: `#${item.key}`, "data-key": item.key, "aria-current": item.key === current ? "true" : null},
      dot(item.severity),
      el("span", {class: "what"}, item.title, item.note ? el("small", {}, item.note) : null),
      el("span", {class: "many"}, String(item.many ?? ""),
        item.severity ? el("span", {class: "unseen"}, ` ${item.severity}`) : null)));

  const drawList = () => {
    const words = search.value.toLowerCase().split(/\s+/).filter(Boolean);
    const fits = (item) => words.every((one) => item.text.includes(one));
    shown = [];
    const drawn = [];
    let matches = 0;
    for (const group of all) {
      const items = group.items.filter(fits);
      if (!items.length) continue;
      matches += items.length;
      drawn.push(...groupOf(group.title, items, group.items.length));
    }
    byId("found").textContent = words.length ? `${count(matches, "finding")} found` : "";
    if (!drawn.length) drawn.push(el("p", {class: "soft none"}, "Nothing is called like that."));
    entries.replaceChildren(...drawn);
  };

  const groupOf = (title, items, total) => {
    const rows = el("ul", {});
    const head = title ? [el("h2", {}, title, el("span", {}, items.length === total ? String(total) : `${items.length} of ${total}`))] : [];
    const more = el("button", {type: "button", class: "more"});
    let drawn = 0;
    const place = shown.length;
    const draw = () => {
      const next = items.slice(drawn, drawn + CHUNK);
      rows.append(...next.map(entry));
      drawn += next.length;
      more.hidden = drawn >= items.length;
      more.textContent = `${items.length - drawn} more`;
    };
    draw();
    more.addEventListener("click", draw);
    shown.splice(place, 0, ...items);
    items.reveal = (item) => { while (drawn < items.length && items.indexOf(item) >= drawn) draw(); };
    items.forEach((item) => { item.reveal = () => items.reveal(item); });
    return [...head, rows, more];
  };

  const linkOf = (key) => entries.querySelector(`[data-key="${CSS.escape(key)}"]`);

  const mark = (key) => {
    entries.querySelectorAll("[aria-current]").forEach((one) => one.removeAttribute("aria-current"));
    const item = shown.find((one) => one.key === key);
    if (item) item.reveal();
    const link = linkOf(key);
    if (link) {
      link.setAttribute("aria-current", "true");
      link.scrollIntoView({block: "nearest"});
    }
    return link;
  };

  const step = (by) => {
    if (!shown.length) return;
    const at = shown.findIndex((one) => one.key === current);
    const next = shown[Math.max(0, Math.min(shown.length - 1, at + by))];
    go(next.key);
    mark(next.key)?.focus({preventScroll: true});
  };

  // -------------------------------------------------------------- the detail

  const heading = (kind, title) => [
    el("button", {type: "button", class: "back", "data-back": ""}, "← all findings"),
    el("p", {class: "kind"}, kind),
    el("h2", {}, title),
  ];

  const links = (names, keyOf) => el("ul", {class: "links"}, names.map((name) => {
    const key = keyOf(name);
    return el("li", {}, key === undefined ? name : el("a", {href: `#case=${key}`}, name));
  }));

  const commands = (...lines) => el("div", {class: "commands"}, lines.map((line) => el("code", {}, line)));

  const overview = () => {
    const made = [el("h2", {class: "unseen"}, "Overview")];
    if (content.error) made.push(el("pre", {class: "said"}, content.error));
    const failing = content.cases.filter((one) => one.status === "failed");
    if (failing.length) made.push(el("h3", {}, TITLES.failed), links(failing.map((one) => one.test), (name) => caseOfTest.get(name)),
      el("p", {class: "soft"}, "Their cassettes stay as they are."));
    if (!content.error) made.push(el("h3", {}, "Contracts, and what was said"), axes());
    for (const [title, causes] of [
      ["Changes of contracts", content.causes.filter((one) => one.rule)],
      ["Changes that no contract explains", content.causes.filter((one) => !one.rule)],
    ]) if (causes.length) made.push(el("h3", {}, title), causesTable(causes));
    if (content.written) made.push(el("h3", {}, "Decide on all of it"), commands(`${content.command} --accept`, `${content.command} --reject`, `${content.command} --review`));
    else if (content.takes) made.push(el("h3", {}, "Decide on all of it"), commands(`taketwo accept --from ${content.takes}`));
    if (content.unlocked.length) made.push(el("h3", {}, "Contracts without a lock"), links(content.unlocked, () => undefined));
    if (content.orphans.length) made.push(el("h3", {}, "Cassettes that no test uses"), links(content.orphans, () => undefined));
    if (content.left_out.length) made.push(el("h3", {}, "Not on this page"), links(content.left_out, () => undefined));
    return made;
  };

  const axes = () => {
    const cell = (verdict, text) => el("td", {"aria-current": content.verdict === verdict ? "true" : null}, text);
    return el("table", {class: "axes"},
      el("thead", {}, el("tr", {}, el("td", {}), el("th", {scope: "col"}, "said the same"), el("th", {scope: "col"}, "said otherwise"))),
      el("tbody", {},
        el("tr", {}, el("th", {scope: "row"}, "same contract"), cell("clean", "clean"), cell("unexplained", "unexplained")),
        el("tr", {}, el("th", {scope: "row"}, "changed contract"), cell("not exercised", "not exercised"), cell("explained", "explained"))));
  };

  const causesTable = (causes) => el("table", {class: "causes"},
    el("thead", {}, el("tr", {}, ["severity", "where", "what", "cassettes"].map((name) => el("th", {scope: "col"}, name)))),
    el("tbody", {}, causes.map((cause) => el("tr", {},
      el("td", {}, word(cause.severity)),
      el("td", {}, el("a", {href: `#cause=${cause.id}`}, cause.coordinate)),
      el("td", {}, cause.sentence),
      el("td", {}, cause.cassettes.length ? count(cause.cassettes.length, "cassette") : "touches none")))));

  const causeView = (cause) => {
    const kind = [cause.service, cause.rule || "no contract tells of it", `cause ${cause.id}`].filter(Boolean).join("  ·  ");
    const made = [...heading(kind, cause.coordinate), el("p", {class: "lead"}, word(cause.severity), `: ${cause.sentence}`)];
    if (cause.failing.length) made.push(el("h3", {}, "Tests that no longer pass with it"), links(cause.failing, (name) => caseOfTest.get(name)));
    if (cause.explained.length) made.push(el("h3", {}, `Differing because of it: ${count(cause.explained.length, "cassette")}`), links(cause.explained, (name) => caseOf.get(name)));
    const rest = cause.cassettes.filter((name) => !cause.explained.includes(name));
    if (rest.length) made.push(el("h3", {}, cause.rule ? `Touching it, and the same as before: ${count(rest.length, "cassette")}` : count(rest.length, "cassette")), links(rest, (name) => caseOf.get(name)));
    if (!cause.cassettes.length) made.push(el("p", {class: "lead soft"}, "No cassette touches it: no test breaks with it."));
    if (content.written && cause.cassettes.length) {
      made.push(el("h3", {}, "Decide"), commands(`${content.command} --accept --cause ${cause.id}`, `${content.command} --reject --cause ${cause.id}`));
    }
    return made;
  };

  const caseView = (one) => {
    const made = [...heading(`${one.status}  ·  ${one.verdict}`, one.cassette), el("p", {class: "kind"}, one.test)];
    const causes = one.causes.map((id) => content.causes.find((cause) => cause.id === id)).filter(Boolean);
    if (causes.length) made.push(el("ul", {class: "because"}, causes.map((cause) => el("li", {}, word(cause.severity), " ",
      el("a", {href: `#cause=${cause.id}`}, cause.coordinate), " ", el("span", {class: "soft"}, cause.sentence)))));
    if (one.message) made.push(el("h3", {}, one.status === "failed" ? "What pytest says" : "What is wrong with the accepted one"), el("pre", {class: "said"}, one.message));
    if (one.items) made.push(...one.items.map(exchange));
    else if (one.items === null) made.push(el("p", {class: "lead soft"}, "Its differences are left out, to keep this page small:"), commands(`taketwo diff ${one.cassette}`));
    else if (one.status === "unchanged") made.push(el("p", {class: "lead soft"}, "Recorded again, and not one byte differs."));
    if (content.written && (one.status === "changed" || one.status === "renewed")) {
      made.push(el("h3", {}, "Decide"), commands(`${content.command} --accept ${one.cassette}`, `${content.command} --reject ${one.cassette}`));
    }
    return made;
  };

  const exchange = (item) => {
    const head = [
      el("span", {class: "number"}, `${item.number}.`),
      el("span", {class: "address"}, item.title),
      item.severity ? word(item.severity) : null,
      el("span", {class: "soft"}, {"+": "only after", "-": "only before", "=": "the same", "~": item.severity ? "" : "the same"}[item.mark]),
    ];
    if (!item.sections) return el("div", {class: "exchange"}, el("div", {class: "summary"}, head));
    const made = el("details", {class: "exchange"}, el("summary", {}, head));
    made.open = item.mark === "~" || item.mark === "-" || item.mark === "+";
    const differs = (part) => part.rows.some((row) => !isSame(row) && row[0] !== GAP);
    const same = item.sections.filter((part) => !differs(part));
    if (same.length) made.append(sameParts(same));
    made.append(...item.sections.filter(differs).map(section), ...(item.sounds || []).map(sounds));
    return made;
  };

  const section = (part) => {
    return rowsTable(part.part === part.of ? part.of : `${part.of} ${part.part}`, part.rows);
  };

  // What is the same is one line, and drawn when somebody asks for it.
  const sameParts = (parts) => {
    const names = parts.map((part) => part.part === part.of ? part.of : `${part.of} ${part.part}`);
    const made = el("details", {class: "same-part"}, el("summary", {}, `the same: ${names.join(", ")}`));
    made.addEventListener("toggle", () => { if (made.children.length === 1) made.append(...parts.map(section)); });
    return made;
  };

  const rowsTable = (title, rows) => {
    const body = el("tbody", {});
    body.append(...folded(rows));
    const made = el("table", {class: "rows"}, el("caption", {}, title));
    const group = el("colgroup", {}, el("col", {class: "sign"}), el("col"), el("col"));
    made.append(group, el("thead", {class: "unseen"}, el("tr", {},
      el("th", {scope: "col"}, "kind"), el("th", {scope: "col"}, "before"), el("th", {scope: "col"}, "after"))), body);
    return made;
  };

  // Long runs of what is the same are folded away, but for a few lines beside what differs.
  const folded = (rows) => {
    const made = [];
    let start = 0;
    while (start < rows.length) {
      let end = start;
      while (end < rows.length && isSame(rows[end]) === isSame(rows[start])) end += 1;
      const run = rows.slice(start, end);
      const before = start === 0 ? 0 : CONTEXT, after = end === rows.length ? 0 : CONTEXT;
      const whole = start === 0 && end === rows.length;
      if (!isSame(rows[start]) || whole || run.length < SHORTEST_GAP + before + after) made.push(...run.map(rowOf));
      else {
        const hidden = run.slice(before, run.length - after);
        made.push(...run.slice(0, before).map(rowOf), gap(hidden), ...run.slice(run.length - after).map(rowOf));
      }
      start = end;
    }
    return made;
  };

  const gap = (hidden) => {
    const button = el("button", {type: "button"}, `… ${count(hidden.length, "equal line")}`);
    const made = el("tr", {class: "gap"}, el("td", {colspan: "3"}, button));
    button.addEventListener("click", () => made.replaceWith(...hidden.map(rowOf)));
    return made;
  };

  const rowOf = ([kind, first, second]) => {
    if (kind === GAP) return el("tr", {class: "gap"}, el("td", {colspan: "3"}, el("span", {}, `… ${count(first, "equal line")}, left out here`)));
    if (kind === HEAD) return el("tr", {class: "head"}, el("td", {class: "sign"}), el("td", {class: "old"}, first), el("td", {class: "new"}, second));
    const old = kind === ADDED ? "" : first;
    const now = kind === CHANGED ? second : kind === REMOVED ? "" : first;
    const [oldParts, nowParts] = kind === CHANGED ? inline(old, now) : [[old], [now]];
    return el("tr", {class: CLASSES[kind], ...(kind === SAME ? {} : {"data-change": ""})},
      el("td", {class: "sign"}, SIGNS[kind] || ""), el("td", {class: "old"}, oldParts), el("td", {class: "new"}, nowParts));
  };

  const inline = (old, now) => {
    const most = Math.min(old.length, now.length);
    let head = 0, tail = 0;
    while (head < most && old[head] === now[head]) head += 1;
    while (tail < most - head && old[old.length - 1 - tail] === now[now.length - 1 - tail]) tail += 1;
    const cut = (text) => [text.slice(0, head), text.length - tail > head ? el("mark", {}, text.slice(head, text.length - tail)) : null, text.slice(text.length - tail)];
    return [cut(old), cut(now)];
  };

  const sounds = (pair) => {
    const both = [content.sounds[pair.before], content.sounds[pair.after]];
    const longest = Math.max(...both.map((one) => one?.seconds || 0));
    return el("div", {class: "sounds"},
      sound(both[0], "before", "old", longest), sound(both[1], "after", "new", longest));
  };

  const sound = (told, name, side, longest) => {
    if (!told) return el("figure", {class: `sound ${side}`}, el("figcaption", {}, `${name}: none`));
    const facts = [told.seconds ? `${told.seconds.toFixed(2)} s` : null, told.rate ? `${told.rate / 1000} kHz` : null,
      told.channels > 1 ? count(told.channels, "channel") : null, size(told.size)].filter(Boolean).join(", ");
    const made = el("figure", {class: `sound ${side}`}, el("figcaption", {}, el("span", {}, name), el("span", {}, facts)));
    const player = told.data ? el("audio", {controls: "", preload: "none", src: `data:${told.type};base64,${told.data}`, "aria-label": `${name}, ${facts}`}) : null;
    if (told.peaks?.length) made.append(wave(told, name, longest, player));
    made.append(player || el("p", {class: "soft"}, "Too large to be kept in this page; it is a file beside the cassette."));
    return made;
  };

  const wave = (told, name, longest, player) => {
    const columns = told.peaks.length / 2;
    const share = longest ? told.seconds / longest : 1;
    let path = "";
    for (let column = 0; column < columns; column += 1) {
      const low = told.peaks[2 * column], high = told.peaks[2 * column + 1];
      const x = (column / columns) * 1000 * share, width = Math.max((1000 * share) / columns * .72, .4);
      const top = 100 - Math.max(high, .6), bottom = 100 - Math.min(low, -.6);
      path += `M${x.toFixed(1)} ${top.toFixed(1)}h${width.toFixed(1)}V${bottom.toFixed(1)}h-${width.toFixed(1)}z`;
    }
    const cursor = svg("line", {class: "cursor", x1: 0, x2: 0, y1: 0, y2: 200, visibility: "hidden"});
    const made = svg("svg", {viewBox: "0 0 1000 200", preserveAspectRatio: "none", role: "img", "aria-label": `waveform ${name}`},
      svg("line", {class: "axis", x1: 0, x2: 1000, y1: 100, y2: 100}), svg("path", {class: "wave", d: path}), cursor);
    if (player) {
      player.addEventListener("timeupdate", () => {
        const x = 1000 * share * (player.currentTime / (told.seconds || player.duration || 1));
        cursor.setAttribute("x1", x);
        cursor.setAttribute("x2", x);
        cursor.setAttribute("visibility", "visible");
      });
      made.addEventListener("click", (event) => {
        const box = made.getBoundingClientRect();
        const at = (event.clientX - box.left) / box.width / share;
        const seek = () => { player.currentTime = Math.min(1, at) * (told.seconds || player.duration || 0); };
        if (player.readyState) seek(); else player.addEventListener("loadedmetadata", seek, {once: true});
        player.play();
      });
    }
    return made;
  };

  const coverageView = (shares) => [...heading("contracts", "What the recordings exercise"),
    el("table", {class: "causes coverage"},
      el("thead", {}, el("tr", {}, ["contract", "what", "exercised", ""].map((name) => el("th", {scope: "col"}, name)))),
      el("tbody", {}, shares.map((share) => {
        const percent = share.total ? Math.floor((100 * share.exercised) / share.total) : 100;
        const filled = el("i", {});
        filled.style.width = `${percent}%`;
        return el("tr", {},
          el("td", {}, `${share.service} ${share.contract}`),
          el("td", {}, share.what, share.left.length ? leftOut(share.left) : null),
          el("td", {}, el("span", {class: "bar", "aria-hidden": "true"}, filled), ` ${percent} %`),
          el("td", {}, `${share.exercised} of ${share.total}`));
      })))];

  const leftOut = (left) => {
    const made = el("details", {}, el("summary", {class: "soft"}, `${left.length} that nothing exercises`));
    made.addEventListener("toggle", () => {
      if (made.children.length === 1) made.append(el("ul", {class: "left"}, left.map((name) => el("li", {}, name))));
    });
    return made;
  };

  const views = () => {
    const [name, value] = current.split("=");
    if (name === "cause") {
      const cause = content.causes.find((one) => one.id === value);
      if (cause) return causeView(cause);
    }
    if (name === "coverage" && content.coverage) return coverageView(content.coverage);
    if (name === "case" && content.cases[Number(value)]) return caseView(content.cases[Number(value)]);
    return overview();
  };

  // At once, and not when the browser tells of the change: keys may come faster than that.
  const go = (key) => { location.hash = key; show(); };
  let drawn = null;

  const show = () => {
    const asked = decodeURIComponent(location.hash.slice(1));
    if (asked === "detail") { detail.focus(); return; }
    current = shown.some((one) => one.key === asked) || /^(cause|case)=|^coverage$/.test(asked) ? asked : "o";
    document.body.classList.toggle("shows-detail", Boolean(asked));
    if (drawn === current) return;
    drawn = current;
    detail.replaceChildren(...views());
    detail.scrollTop = 0;
    mark(current);
  };

  // ------------------------------------------------------------ keys, theme

  const changes = () => [...detail.querySelectorAll("[data-change]")].filter((row) => row.offsetParent !== null && !row.previousElementSibling?.matches("[data-change]"));
  const jump = (by) => {
    const rows = changes();
    if (!rows.length) return;
    const at = rows.findIndex((row) => row.classList.contains("at"));
    const next = rows[at < 0 ? (by > 0 ? 0 : rows.length - 1) : (at + by + rows.length) % rows.length];
    detail.querySelectorAll(".at").forEach((row) => row.classList.remove("at"));
    next.classList.add("at");
    next.scrollIntoView({block: "center"});
  };

  const isDark = () => {
    const chosen = document.documentElement.dataset.theme;
    return chosen ? chosen === "dark" : matchMedia("(prefers-color-scheme: dark)").matches;
  };
  const toggle = () => { document.documentElement.dataset.theme = isDark() ? "light" : "dark"; };

  const back = () => { search.blur(); (linkOf(current) || entries.querySelector("a"))?.focus(); };
  const KEYS = {
    j: () => step(1), ArrowDown: () => step(1), k: () => step(-1), ArrowUp: () => step(-1),
    n: () => jump(1), p: () => jump(-1), o: () => go("o"), t: toggle,
    "/": () => { document.body.classList.remove("shows-detail"); search.focus(); search.select(); },
    "?": () => byId("keys").showModal(),
    Escape: back,
  };
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || byId("keys").open) return;
    const typing = event.target === search;
    const inDetail = detail.contains(event.target);
    if (event.key === "Enter" && (typing || event.target.matches(".entry"))) {
      if (typing && shown.length && !shown.some((one) => one.key === current)) go(shown[0].key);
      event.preventDefault();
      if (!typing) go(event.target.dataset.key);
      detail.focus();
      return;
    }
    if (typing && !["Escape", "ArrowDown"].includes(event.key)) return;
    // In the difference, the arrows scroll; a player has keys of its own.
    if (inDetail && (event.key.startsWith("Arrow") || event.target.matches("audio"))) return;
    const act = KEYS[event.key];
    if (!act) return;
    event.preventDefault();
    act();
  });
  detail.addEventListener("click", (event) => {
    if (event.target.matches("[data-back]")) { location.hash = ""; document.body.classList.remove("shows-detail"); }
  });
  search.addEventListener("input", () => { drawList(); mark(current); });
  byId("theme").addEventListener("click", toggle);
  byId("help").addEventListener("click", () => byId("keys").showModal());
  window.addEventListener("hashchange", show);
  drawList();
  show();
})();
