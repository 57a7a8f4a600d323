// The register: arrows go as the eye sees them, one key makes a mark, letters go to a name. Each
// mark is saved by itself; one that could not be saved says why, is kept, and is tried again.
(() => {
  const numbers = { "1": 1, "2": 2, "3": 3, "4": 4, "١": 1, "٢": 2, "٣": 3, "٤": 4, "۱": 1, "۲": 2, "۳": 3, "۴": 4 };
  const patience = 5000;
  const waiting = new Map();
  let sending = false;

  const grid = () => document.getElementById("register");
  const rows = () => [...(grid()?.querySelectorAll("tbody tr") ?? [])];
  const marks = (row) => [...row.querySelectorAll("[data-mark]")];
  const rowOf = (person) => rows().find((row) => row.dataset.person === person);
  const say = (text) => { const said = document.getElementById("said"); if (said) said.textContent = text; };

  const go = (row, column) => {
    const button = row && marks(row)[column];
    if (!button) return;
    grid().querySelectorAll("[data-mark][tabindex='0']").forEach((other) => { other.tabIndex = -1; });
    button.tabIndex = 0;
    button.focus();
    row.scrollIntoView({ block: "nearest" });
  };

  const tell = (row, state, why = "") => {
    const place = row?.querySelector("[data-state]");
    if (!place) return;
    const sign = document.getElementById(state === "unsaved" ? "mark-unsaved" : "mark-saved");
    place.className = `mark-state small mark-${state}`;
    place.replaceChildren();
    if (state === "saved" || state === "unsaved") place.append(sign.content.cloneNode(true));
    place.append(why || grid().dataset[state]);
    if (state !== "unsaved") return;
    const again = document.createElement("button");
    again.type = "button";
    again.className = "button button-small";
    again.textContent = grid().dataset.again;
    again.addEventListener("click", send);
    place.append(" ", again);
  };

  const show = (row, mark) => marks(row).forEach((button) => button.setAttribute("aria-pressed", String(button.value === mark)));

  const write = (row, mark) => {
    show(row, mark);
    tell(row, "saving");
    waiting.set(row.dataset.person, { action: grid().dataset.action, mark });
    send();
  };

  const send = async () => {
    if (sending) return;
    sending = true;
    while (waiting.size) {
      const [person, entry] = waiting.entries().next().value;
      const csrf = document.getElementById("desk")?.dataset.csrf ?? "";
      const body = new URLSearchParams({ csrf, person, mark: entry.mark, by: "key" });
      let text = "";
      try { text = await (await fetch(entry.action, { method: "POST", body })).text(); } catch { /* told below */ }
      const told = new DOMParser().parseFromString(text, "text/html");
      const marked = told.querySelector("[data-marked]");
      const here = grid()?.dataset.action === entry.action;
      if (!marked) {
        const why = told.querySelector("[data-unmarked]")?.textContent ?? "";
        if (here) for (const kept of waiting.keys()) tell(rowOf(kept), "unsaved", why);
        if (here) say(why || grid().dataset.unsaved);
        break;
      }
      if (waiting.get(person) === entry) waiting.delete(person);
      if (!here) continue;
      document.getElementById("register-counts").replaceChildren(...marked.childNodes);
      const row = rowOf(person);
      if (waiting.has(person) || !row) continue;
      tell(row, entry.mark ? "saved" : "cleared");
      const given = marks(row).find((button) => button.value === entry.mark);
      say(`${row.querySelector("bdi").textContent}: ${given?.querySelector("span").textContent ?? ""} ${grid().dataset[entry.mark ? "saved" : "cleared"]}`);
    }
    sending = false;
  };
  setInterval(() => { if (waiting.size) send(); }, patience);

  const plain = (text) => text.toLowerCase().normalize("NFKD").replace(/[\u0300-\u036f\u064b-\u065f\u0640]/g, "")
    .replace(/[أإآٱ]/g, "ا").replace(/ة/g, "ه").replace(/ى/g, "ي");
  const code = (text) => text.toUpperCase().replace(/[^0-9A-Z]/g, "");
  const sought = (typed) => {
    const wanted = plain(typed.trim());
    if (!wanted) return null;
    return rows().find((row) => row.dataset.find.split("|").some((name) => {
      const whole = plain(name);
      return whole.startsWith(wanted) || whole.includes(` ${wanted}`) || (code(typed).length > 4 && code(name) === code(typed));
    }));
  };
  const seek = (field) => {
    rows().forEach((row) => row.classList.remove("sought"));
    const row = sought(field.value);
    row?.classList.add("sought");
    row?.scrollIntoView({ block: "nearest" });
    return row;
  };
  const jump = (row, field) => {
    rows().forEach((other) => other.classList.remove("sought"));
    if (!row) return say(field.dataset.nobody);
    field.value = "";
    go(row, 0);
  };

  const inField = (event) => {
    const field = event.target;
    if (event.key !== "Enter" && event.key !== "ArrowDown" && event.key !== "Escape") return;
    event.preventDefault();
    if (event.key === "Escape") field.value = "";
    jump(event.key === "Enter" || field.value ? sought(field.value) : rows()[0], field);
  };

  const inGrid = (event, button) => {
    const row = button.closest("tr");
    const column = marks(row).indexOf(button);
    const all = rows();
    const place = all.indexOf(row);
    const number = numbers[event.key] ?? Number(/^(?:Digit|Numpad)([1-4])$/.exec(event.code)?.[1]);
    const step = { ArrowUp: -1, ArrowDown: 1 }[event.key];
    const side = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    if (step) go(all[place + step], column);
    else if (side) go(row, column + (getComputedStyle(grid()).direction === "rtl" ? -side : side));
    else if (event.key === "Delete" || event.key === "Backspace") write(row, "");
    else if (number) { write(row, marks(row)[number - 1].value); go(all[place + 1], column); }
    else {
      // A letter goes on in the field that looks for a name.
      if (/^\p{L}$/u.test(event.key)) document.getElementById("jump")?.focus();
      return;
    }
    event.preventDefault();
  };

  document.addEventListener("keydown", (event) => {
    if (event.altKey || event.ctrlKey || event.metaKey) return;
    if (event.target.id === "jump") return inField(event);
    const button = event.target.closest?.("#register [data-mark]");
    if (button) inGrid(event, button);
  });
  document.addEventListener("click", (event) => {
    const button = event.target.closest("#register [data-mark]");
    if (!button) return;
    event.preventDefault();
    write(button.closest("tr"), button.value);
    go(button.closest("tr"), marks(button.closest("tr")).indexOf(button));
  });
  document.addEventListener("input", (event) => { if (event.target.id === "jump") seek(event.target); });
  document.addEventListener("scanned", (event) => {
    if (event.target.id === "jump") jump(sought(event.detail), event.target);
  });

  const begin = () => {
    if (!document.getElementById("jump")) return;
    grid().querySelectorAll("[data-mark]").forEach((button) => { button.tabIndex = -1; });
    for (const [person, entry] of waiting) {
      const row = entry.action === grid().dataset.action && rowOf(person);
      if (row) { show(row, entry.mark); tell(row, "unsaved"); }
    }
    const first = rows().find((row) => !row.querySelector("[aria-pressed=true]")) ?? rows()[0];
    marks(first)[0].tabIndex = 0;
    if (document.activeElement === document.body || document.activeElement?.matches("h1")) go(first, 0);
  };
  // Not before the page has its looks: where a line stands is not known until then.
  window.addEventListener("load", begin);
  document.addEventListener("htmx:afterSettle", (event) => { if (event.target === document.body) begin(); });
})();
