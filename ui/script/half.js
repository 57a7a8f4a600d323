// Which forms of the page are half-typed: the lock takes one along (kept.js), leaving one asks
// first (leave.js). Never a passphrase.
const Half = (() => {
  // A page that says why nothing was saved carries what was typed in hidden fields.
  const carried = (field) => field.matches("[data-typed]");
  const told = (field) => field.name && !field.disabled && (carried(field) || !["hidden", "password", "submit", "button"].includes(field.type));
  const ticked = (field) => ["checkbox", "radio"].includes(field.type);
  const changed = (field) => {
    if (carried(field)) return true;
    if (ticked(field)) return field.checked !== field.defaultChecked;
    if (field.tagName !== "SELECT") return field.value.trim() !== field.defaultValue.trim();
    return field.selectedIndex !== Math.max(0, [...field.options].findLastIndex((one) => one.defaultSelected));
  };
  // What was sent and refused has come back as the page's own words, and is not saved all the same.
  const refused = (field) => field.form.matches("[data-refused]") && !ticked(field) && field.tagName !== "SELECT" && field.value.trim() !== "";
  const fields = (form) => [...form.elements].filter(told);
  const all = () => [...document.querySelectorAll("main form[method=post]")];
  const forms = () => all().filter((form) => fields(form).some((field) => changed(field) || refused(field)));
  // What was typed in a form: of a set of ticks or chips all of it or nothing, and all of a form that
  // was refused, as its page no longer tells what was changed. Without `sets` it is every one.
  const typed = (form) => {
    const all = fields(form);
    const sent = all.some(carried);
    const whole = sent || form.matches("[data-refused]");
    const names = new Set(all.filter((field) => whole || changed(field)).map((field) => field.name));
    const own = all.filter((field) => names.has(field.name));
    return {
      version: form.elements.version?.value,
      fields: own.filter((field) => !ticked(field) || field.checked).map((field) => [field.name, field.value]),
      sets: sent ? undefined : [...new Set(own.filter(ticked).map((field) => field.name))],
    };
  };
  const drop = (form) => { form.reset(); delete form.dataset.refused; };

  let sent = null;
  document.addEventListener("htmx:beforeSwap", ({ detail }) => {
    if (detail.target === document.body) sent = detail.xhr.status === 422 ? detail.requestConfig.path : null;
  });
  document.addEventListener("htmx:afterSettle", (event) => {
    if (event.target !== document.body) return;
    for (const form of all()) if (form.getAttribute("action") === sent) form.dataset.refused = "yes";
    sent = null;
  });
  return { ticked, fields, forms, typed, drop };
})();
