// After a swap: the new page's language, direction and text size, its first field or heading, and what it
// says; a change of language keeps what was typed.
(() => {
  let kept = null;

  document.addEventListener("htmx:beforeRequest", (event) => {
    if (!event.target.matches("[data-keep]")) return;
    kept = [...document.querySelectorAll("main input.input:not([type=password]), main textarea")].map((field) => [field.name, field.value]);
  });

  document.addEventListener("htmx:beforeSwap", (event) => {
    const told = /<html lang="([a-z-]+)" dir="(ltr|rtl)" data-text="([a-z]+)">/.exec(event.detail.serverResponse);
    if (!told) return;
    document.documentElement.lang = told[1];
    document.documentElement.dir = told[2];
    document.documentElement.dataset.text = told[3];
  });

  document.addEventListener("htmx:afterSettle", (event) => {
    if (event.target !== document.body) return;
    for (const [name, value] of kept ?? []) {
      const field = document.querySelector(`main [name="${name}"]`);
      if (field && !field.value) field.value = value;
    }
    kept = null;
    const place = ["[aria-invalid=true]", "[autofocus]", "h1"].map((css) => document.querySelector(`main ${css}`)).find(Boolean);
    if (place) {
      if (place.matches("h1")) place.tabIndex = -1;
      (place.matches("fieldset") ? place.querySelector("input") : place).focus();
    }
    const said = document.querySelector("[data-say]");
    if (said) document.getElementById("said").textContent = said.dataset.say;
    revealDismiss();
  });

  const revealDismiss = () => document.querySelectorAll("[data-dismiss]").forEach((button) => { button.hidden = false; });
  document.addEventListener("click", (event) => event.target.closest("[data-dismiss]")?.closest("[data-toast]").remove());
  document.addEventListener("DOMContentLoaded", revealDismiss);
})();
