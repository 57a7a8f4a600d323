// Nobody there: a warning half a minute before, then the lock.
(() => {
  const warning = 30;
  let since = Date.now();
  const here = () => { since = Date.now(); document.getElementById("idle")?.close(); };
  for (const sign of ["keydown", "pointerdown", "pointermove", "wheel"]) document.addEventListener(sign, here, { passive: true });

  setInterval(() => {
    const desk = document.getElementById("desk");
    const dialog = document.getElementById("idle");
    if (!desk || !dialog) return;
    // A backup that is being made would be stopped by the lock; it ends by itself.
    if (document.querySelector("[data-working]")) return here();
    const left = Number(desk.dataset.idleSeconds) - Math.floor((Date.now() - since) / 1000);
    if (left > warning) return;
    if (left <= 0) return document.querySelector("#lock-form button")?.click();
    dialog.querySelector("[data-left]").textContent = left;
    if (!dialog.open) dialog.showModal();
  }, 1000);
})();
