// Down and up go from the search box through the rows below it, and Escape goes back. Enter takes
// the one row there is, if it is what was typed that found it; where there are several, the form
// goes, and the first of them gets the cursor.
document.addEventListener("keydown", (event) => {
  if (event.key !== "Enter" || event.isComposing || !event.target.matches("[data-list-start]")) return;
  const found = document.querySelector("[data-found]");
  const rows = found?.querySelectorAll("[data-row]") ?? [];
  if (rows.length !== 1 || found.dataset.found !== event.target.value) return;
  event.preventDefault();
  rows[0].click();
});
document.addEventListener("keydown", (event) => {
  if (event.key !== "ArrowDown" && event.key !== "ArrowUp" && event.key !== "Escape") return;
  const search = document.querySelector("[data-list-start]");
  const stops = [...document.querySelectorAll("[data-row]")];
  const at = stops.indexOf(event.target.closest("[data-row]"));
  if (!search || (at < 0 && event.target !== search)) return;
  event.preventDefault();
  if (event.key === "Escape") {
    if (at < 0) search.value = "";
    return search.focus();
  }
  const next = at + (event.key === "ArrowDown" ? 1 : -1);
  (stops[next] ?? (next < 0 ? search : stops.at(-1)))?.focus();
});
