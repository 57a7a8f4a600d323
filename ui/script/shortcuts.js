// Keys that work on every page. `?` tells them.
(() => {
  const typing = (place) => place.matches?.("input:not([type=checkbox]):not([type=radio]), textarea, select");
  const press = (selector) => { const place = [...document.querySelectorAll(selector)].find((one) => one.offsetParent); place?.click(); return Boolean(place); };

  const sought = () => document.querySelector("[data-list-marked]")?.value.trim();
  // Whoever was looked for and not found is registered under what was typed.
  document.addEventListener("click", (event) => {
    const link = event.target.closest("a[data-key=new]");
    const typed = sought();
    if (!link || !typed) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    htmx.ajax("GET", `/people/new?name=${encodeURIComponent(typed)}`, { target: "body", push: "true" });
  }, true);

  document.addEventListener("keydown", (event) => {
    let done = false;
    if (event.altKey && !event.ctrlKey) {
      if (event.code === "KeyZ") done = press("a[data-key=recent]");
      else if (event.code === "KeyT") done = press("a[data-key=today]");
      else if (event.code === "KeyN") done = press("a[data-key=new]");
      else if (event.code === "KeyL") done = press("#lock-form button");
      // While somebody is looked for a number is meant for them, and must not count a stranger.
      else if (/^Digit[1-9]$/.test(event.code)) done = event.repeat || sought() || press(`button[data-key="${event.code.at(-1)}"]`);
    } else if (event.ctrlKey && !event.altKey && ["+", "=", "-"].includes(event.key)) {
      const sizes = [...document.querySelectorAll(".sizes button")];
      const at = sizes.findIndex((size) => size.getAttribute("aria-pressed") === "true");
      sizes[at + (event.key === "-" ? -1 : 1)]?.click();
      done = true;
    } else if (!typing(event.target) && (event.key === "?" || event.key === "؟")) {
      document.getElementById("shortcuts")?.showModal();
      done = true;
    } else if (!typing(event.target) && (event.key === "/" || event.key === "ظ")) {
      const search = document.querySelector("[data-list-start]");
      if (search) search.focus(); else press("a.place[href='/']");
      done = true;
    }
    if (done) event.preventDefault();
  });

  document.addEventListener("click", (event) => {
    const opens = event.target.closest("[data-open]");
    if (opens) document.getElementById(opens.dataset.open)?.showModal();
    event.target.closest("[data-close]")?.closest("dialog").close();
  });
})();
