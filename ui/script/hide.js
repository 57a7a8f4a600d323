// F12: the page of a notice board at once, then the lock behind it. F12 again leads to the lock, but
// not at once: whoever presses twice in a hurry stays on the notice board.
(() => {
  const calm = 2000;
  // When it was shown, in milliseconds of this page; the cover as a page of its own begins with it.
  let shown = 0;
  const hide = (event) => {
    const form = document.getElementById("hide-form");
    const cover = document.getElementById("cover");
    if (!form || !cover) {
      const waits = performance.now() - shown < calm;
      if (document.querySelector(".cover-foot a") && !waits) location.assign("/lock");
      return;
    }
    event.preventDefault();
    event.stopPropagation();
    form.dispatchEvent(new Event("darna:hide", { bubbles: true }));
    const body = new URLSearchParams(new FormData(form));
    shown = performance.now();
    document.title = cover.dataset.title;
    document.body.replaceChildren(cover.content.cloneNode(true));
    // The window itself goes to the cover once the lock is behind it; here only if it could not.
    fetch(form.action, { method: "POST", body }).catch(() => location.replace("/cover"));
  };
  document.addEventListener("keydown", (event) => { if (event.key === "F12") hide(event); }, true);
  document.addEventListener("click", (event) => { if (event.target.closest("[data-hide]")) hide(event); }, true);
})();
