// Down and up go from the search box through the rows below it, and Escape goes back. Rows that
// were found for other letters than those that stand in the box cannot be taken: Down waits for
// the new ones. Enter takes the one row there is, unless it may only sound alike; where there are
// several, the form goes, and the first of them gets the cursor.
(() => {
  const box = () => document.querySelector("[data-list-start]");
  const stops = () => [...document.querySelectorAll("[data-row]")];
  const found = () => document.querySelector("[data-found]")?.dataset.found ?? "";
  const behind = (field) => field?.matches("[data-list-marked]") && field.value.trim().length > 1 && found() !== field.value;
  let down = false;

  const mark = () => {
    const field = box();
    if (!field?.matches("[data-list-marked]")) return;
    document.getElementById("found")?.toggleAttribute("inert", Boolean(behind(field)));
    field.closest(".stack-l")?.toggleAttribute("data-searching", field.value.trim().length > 1);
  };
  document.addEventListener("input", (event) => {
    if (!event.target.matches("[data-list-marked]")) return;
    down = false;
    document.querySelectorAll("[data-toast]").forEach((toast) => toast.remove());
    mark();
  });
  document.addEventListener("htmx:afterSettle", (event) => {
    if (event.target.id !== "found") return;
    mark();
    if (down && !behind(box())) { down = false; stops()[0]?.focus(); }
  });

  document.addEventListener("keydown", (event) => {
    const field = box();
    if (!field || event.isComposing || event.ctrlKey || event.altKey) return;
    const inBox = event.target === field;
    if (event.key === "Enter") {
      const rows = document.querySelectorAll("#found .row");
      const only = rows.length === 1 && !rows[0].matches(".row-perhaps") && rows[0].querySelector("button[data-row]");
      if (!inBox || !only || !field.matches("[data-list-marked]") || behind(field)) return;
      event.preventDefault();
      return only.click();
    }
    const all = stops();
    const at = all.indexOf(event.target.closest("[data-row]"));
    if (event.key === "Escape") {
      if (document.querySelector("dialog[open]")) return;
      event.preventDefault();
      const away = document.querySelector("[data-away]");
      if (away && !field.value) return away.click();
      if (inBox && field.value) { field.value = ""; field.dispatchEvent(new Event("input", { bubbles: true })); }
      return field.focus();
    }
    // Letters typed on a row go on in the box.
    if (at >= 0 && /^[\p{L}\p{N}]$/u.test(event.key)) return field.focus();
    if ((event.key !== "ArrowDown" && event.key !== "ArrowUp") || (at < 0 && !inBox)) return;
    event.preventDefault();
    if (inBox && behind(field)) { down = event.key === "ArrowDown"; return; }
    const next = at + (event.key === "ArrowDown" ? 1 : -1);
    (all[next] ?? (next < 0 ? field : all.at(-1)))?.focus();
  });
})();
