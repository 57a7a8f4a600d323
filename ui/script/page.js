// After a swap: the new page's language, direction and text size, its first field or heading, and what it
// says; a change of language keeps what was typed.
(() => {
  let kept = null;
  // Somebody is at work on the new page already: what they do there must not lose its place.
  let begun = false;
  for (const sign of ["keydown", "pointerdown"]) {
    document.addEventListener(sign, (event) => { begun ||= !event.repeat && event.target.closest?.("main") !== null; }, true);
  }

  document.addEventListener("htmx:beforeRequest", (event) => {
    if (!event.target.matches("[data-keep]")) return;
    kept = [...document.querySelectorAll("main :is(input, select, textarea):not([type=password], [type=hidden]), main [name=version]")].map((field) => [field.name, field.value, field.checked]);
  });

  document.addEventListener("htmx:beforeSwap", (event) => {
    const told = /<html lang="([a-z-]+)" dir="(ltr|rtl)" data-text="([a-z]+)">/.exec(event.detail.serverResponse);
    if (!told) return;
    begun = false;
    document.documentElement.lang = told[1];
    document.documentElement.dir = told[2];
    document.documentElement.dataset.text = told[3];
  });

  document.addEventListener("htmx:afterSettle", (event) => {
    if (event.target !== document.body) return;
    for (const [name, value, checked] of kept ?? []) {
      const fields = [...document.querySelectorAll(`main [name="${name}"]`)];
      const choice = fields.find((field) => ["radio", "checkbox"].includes(field.type) && field.value === value);
      if (choice) choice.checked = checked;
      else if (fields[0] && !["radio", "checkbox"].includes(fields[0].type)) fields[0].value = value;
    }
    kept = null;
    here();
    const place = ["[aria-invalid=true]", "[autofocus]", "h1"].map((css) => document.querySelector(`main ${css}`)).find(Boolean);
    if (place && !begun) {
      if (place.matches("h1")) place.tabIndex = -1;
      const first = place.matches("fieldset") ? place.querySelector("input:checked") ?? place.querySelector("input") : place;
      const wrong = place.matches("[aria-invalid=true]");
      if (wrong) refused(place);
      first.focus();
      // The page has been taken to its top meanwhile. What is wrong is seen with the words around it.
      setTimeout(() => first.isConnected && first.scrollIntoView({ block: wrong ? "center" : "nearest" }), 30);
    }
    const said = document.querySelector("[data-say]");
    if (said) document.getElementById("said").textContent = said.dataset.say;
    revealDismiss();
  });

  // Where the places do not all fit, the one that the page lies in is in sight.
  const here = () => {
    const places = document.querySelector(".rail-places");
    const place = places?.querySelector("[aria-current]");
    if (!place) return;
    const [frame, box] = [places, place].map((one) => one.getBoundingClientRect());
    if (box.left < frame.left || box.right > frame.right) places.scrollLeft += (box.left + box.right - frame.left - frame.right) / 2;
    if (box.top < frame.top || box.bottom > frame.bottom) places.scrollTop += (box.top + box.bottom - frame.top - frame.bottom) / 2;
  };

  // Where the buttons stay in sight under a long form, that it was not taken stays with them.
  const refused = (place) => {
    const told = document.querySelector("main").dataset.refused;
    document.getElementById("said").textContent = told;
    const bars = [...(place.closest("form")?.querySelectorAll(".actions") ?? [])];
    const bar = bars.find((bar) => getComputedStyle(bar).position === "sticky");
    if (!bar) return;
    const line = document.createElement("p");
    line.className = "error refused";
    line.textContent = told;
    bar.prepend(line);
  };

  // What was said goes by itself, unless somebody is about to use it; "Recently done" keeps the way back.
  const said = 12000;
  const goes = (toast) => setTimeout(() => (toast.matches(":hover, :focus-within") ? goes(toast) : toast.remove()), said);
  const revealDismiss = () => {
    document.querySelectorAll("[data-dismiss]").forEach((button) => { button.hidden = false; });
    document.querySelectorAll("[data-toast]:not([data-goes])").forEach((toast) => { toast.dataset.goes = "yes"; goes(toast); });
  };
  document.addEventListener("click", (event) => event.target.closest("[data-dismiss]")?.closest("[data-toast]").remove());
  document.addEventListener("DOMContentLoaded", revealDismiss);
  // Not before the page has its looks.
  window.addEventListener("load", here);
})();
