// A form left half-typed goes along with the lock, and its fields are filled again afterwards.
(() => {
  const set = (form, name, value) => {
    const field = form.elements[name] ?? form.appendChild(Object.assign(document.createElement("input"), { type: "hidden", name }));
    field.value = value;
  };

  const keep = (event) => {
    if (!event.target.matches("#lock-form, #hide-form")) return;
    const half = Half.forms()[0];
    if (!half) return;
    const fields = Half.fields(half).filter((field) => !Half.ticked(field) || field.checked).map((field) => [field.name, field.value]);
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
    for (const field of Half.fields(form)) {
      const values = fields.filter(([name]) => name === field.name).map(([, value]) => value);
      if (Half.ticked(field)) field.checked = values.includes(field.value);
      else if (values.length) field.value = values[0];
      if (values[0]) field.closest("details")?.setAttribute("open", "");
    }
  };
  document.addEventListener("DOMContentLoaded", restore);
  document.addEventListener("htmx:afterSettle", restore);
})();
