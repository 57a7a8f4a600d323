// A form left half-typed goes along with the lock, and its fields are filled again afterwards.
// Never a passphrase.
(() => {
  const told = (field) => field.name && !field.disabled && !["hidden", "password", "submit", "button"].includes(field.type);
  const changed = (field) => ["checkbox", "radio"].includes(field.type) ? field.checked !== field.defaultChecked
    : field.tagName === "SELECT" ? [...field.options].some((one) => one.selected !== one.defaultSelected && (one.value || one.defaultSelected))
    : field.value !== field.defaultValue;
  const set = (form, name, value) => {
    const field = form.elements[name] ?? form.appendChild(Object.assign(document.createElement("input"), { type: "hidden", name }));
    field.value = value;
  };

  const keep = (event) => {
    if (!event.target.matches("#lock-form, #hide-form")) return;
    const half = [...document.querySelectorAll("main form[method=post]")].find((form) => [...form.elements].some((field) => told(field) && changed(field)));
    if (!half) return;
    const fields = [...half.elements].filter((field) => told(field) && (!["checkbox", "radio"].includes(field.type) || field.checked)).map((field) => [field.name, field.value]);
    set(event.target, "kept-at", location.pathname + location.search);
    set(event.target, "kept", JSON.stringify({ action: half.getAttribute("action"), fields }));
  };
  document.addEventListener("submit", keep, true);
  document.addEventListener("darna:hide", keep, true);

  const restore = () => {
    const place = document.querySelector("#kept[data-fields]");
    if (!place) return;
    const { action, fields } = JSON.parse(place.dataset.fields);
    delete place.dataset.fields;
    const form = [...document.querySelectorAll("main form[method=post]")].find((one) => one.getAttribute("action") === action);
    if (!form) return;
    form.closest("details")?.setAttribute("open", "");
    for (const field of form.elements) {
      if (!told(field)) continue;
      const values = fields.filter(([name]) => name === field.name).map(([, value]) => value);
      if (["checkbox", "radio"].includes(field.type)) field.checked = values.includes(field.value);
      else if (values.length) field.value = values[0];
      if (values[0]) field.closest("details")?.setAttribute("open", "");
    }
  };
  document.addEventListener("DOMContentLoaded", restore);
  document.addEventListener("htmx:afterSettle", restore);
})();
