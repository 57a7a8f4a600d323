// A scanner types a card's code faster than a hand could and ends with Enter: on any page the
// person of that card comes up, and no field keeps the code. A page with `data-scanned` takes it itself.
(() => {
  const quick = 35;
  let code = "", last = 0;
  document.addEventListener("keydown", (event) => {
    const now = event.timeStamp;
    if (now - last > quick) code = "";
    last = now;
    if (event.key.length === 1) { code += event.key; return; }
    if (event.key !== "Enter" || !/^P-?[0-9A-Z]{5,9}$/i.test(code) || !document.getElementById("desk")) return;
    event.preventDefault();
    event.stopPropagation();
    const field = event.target;
    if (field.value?.endsWith(code)) field.value = field.value.slice(0, -code.length);
    const here = document.querySelector("[data-scanned]");
    if (here) here.dispatchEvent(new CustomEvent("scanned", { bubbles: true, detail: code }));
    else htmx.ajax("GET", `/?q=${encodeURIComponent(code)}`, { target: "body" });
    code = "";
  }, true);
})();
