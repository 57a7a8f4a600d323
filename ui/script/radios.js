// Among choices side by side the left key goes to the left and the right key to the right, also
// where the page is read from the right: the webview keeps to the order of the page.
document.addEventListener("keydown", (event) => {
  const radio = event.target;
  const step = { ArrowLeft: 1, ArrowRight: -1 }[event.key];
  if (!step || !radio.matches?.("input[type=radio]:dir(rtl)") || event.altKey || event.ctrlKey || event.metaKey) return;
  event.preventDefault();
  const group = [...radio.form.elements].filter((one) => one.type === "radio" && one.name === radio.name && !one.disabled);
  const next = group[(group.indexOf(radio) + step + group.length) % group.length];
  next.focus();
  next.click();
});
