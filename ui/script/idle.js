// Nobody there: a warning half a minute before, then the lock. Somebody there: the program hears of
// it twice a minute, and locks by itself where this page is dead.
(() => {
  const warning = 30;
  const telling = 30_000;
  let since = Date.now();
  let told = since;
  const here = () => {
    since = Date.now();
    document.getElementById("idle")?.close();
    const form = document.getElementById("lock-form");
    if (!form || since - told < telling) return;
    told = since;
    const body = new URLSearchParams({ csrf: form.elements.csrf.value });
    fetch("/here", { method: "POST", body }).catch(() => {});
  };
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
