// Leaving a form with something typed and not yet saved asks first, whichever way it is left: a
// link, a key, a card that is scanned, another form's button, back. The lock and quick hide take
// what was typed along (kept.js), a change of language or text size keeps it (page.js).
(() => {
  let go = null;
  let last = null;
  let here = location.href;

  // One short answer is given again as fast as the question is read.
  const quick = (form) => form.matches("[data-quick]")
    || (new Set(Half.fields(form).map((field) => field.name)).size === 1 && !form.querySelector("textarea"));

  const hold = (event, then, sent = null) => {
    const dialog = document.getElementById("leave");
    const half = Half.forms().filter((form) => form !== sent && !quick(form));
    if (!dialog || !half.length) return false;
    event.preventDefault();
    event.stopImmediatePropagation();
    go = () => { half.forEach(Half.drop); then(); };
    if (!half.some((form) => form.contains(last))) last = Half.fields(half[0])[0];
    if (!dialog.open) dialog.showModal();
    return true;
  };

  document.addEventListener("click", (event) => {
    const link = event.target.closest("a[href]");
    if (link && !link.getAttribute("href").startsWith("#")) hold(event, () => link.click());
    if (!event.target.closest("[data-leave]")) return;
    const then = go;
    document.getElementById("leave").close();
    then?.();
  }, true);
  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (!form.matches("[data-keep], #lock-form, #hide-form")) hold(event, () => form.requestSubmit(event.submitter), form);
  }, true);
  document.addEventListener("htmx:confirm", (event) => {
    if (event.target === document.body) hold(event, () => event.detail.issueRequest(true));
  }, true);
  // The address has gone back already: it is put in front again until the answer is known.
  window.addEventListener("popstate", (event) => {
    if (event.state?.htmx && hold(event, () => history.back())) history.pushState({ htmx: true }, "", here);
  }, true);
  document.addEventListener("htmx:afterSettle", () => { here = location.href; });

  document.addEventListener("input", (event) => { last = event.target; });
  document.addEventListener("close", (event) => {
    if (event.target.id !== "leave") return;
    go = null;
    if (last?.isConnected) last.focus();
  }, true);
})();
