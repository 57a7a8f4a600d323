// A form left half-typed goes along with the lock, and its fields are filled again afterwards: those
// that were typed in. The others come from the page, as somebody may have written in them since.
(() => {
  const set = (form, name, value) => {
    const field = form.elements[name] ?? form.appendChild(Object.assign(document.createElement("input"), { type: "hidden", name }));
    field.value = value;
  };

  const keep = (event) => {
    if (!event.target.matches("#lock-form, #hide-form")) return;
    const half = Half.forms()[0];
    if (!half) return;
    set(event.target, "kept-at", location.pathname + location.search);
    set(event.target, "kept", JSON.stringify({ action: half.getAttribute("action"), ...Half.typed(half) }));
  };
  document.addEventListener("submit", keep, true);
  document.addEventListener("darna:hide", keep, true);

  const restore = () => {
    const place = document.querySelector("#kept[data-fields]");
    if (!place) return;
    const { action, version, fields, sets } = JSON.parse(place.dataset.fields);
    delete place.dataset.fields;
    const form = [...document.querySelectorAll("main form[method=post]")].find((one) => one.getAttribute("action") === action);
    if (!form) return;
    form.closest("details")?.setAttribute("open", "");
    // Of the record as it was then: who changed it since is told of when the form is saved.
    if (version && form.elements.version) form.elements.version.value = version;
    for (const field of Half.fields(form)) {
      const values = fields.filter(([name]) => name === field.name).map(([, value]) => value);
      if (!Half.ticked(field)) field.value = values[0] ?? field.value;
      else if (!sets || sets.includes(field.name)) field.checked = values.includes(field.value);
      if (values[0]) field.closest("details")?.setAttribute("open", "");
    }
  };
  document.addEventListener("DOMContentLoaded", restore);
  document.addEventListener("htmx:afterSettle", restore);
})();
