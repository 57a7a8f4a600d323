// Letters typed at a list go to the first entry that begins with them, with or without hamza and
// other signs, as people type: the webview would want each sign.
(() => {
  const pause = 1000;
  let typed = "", last = 0;
  const plain = (text) => text.normalize("NFD").replace(/[\p{M}ـ]/gu, "").replace(/[ٱ]/g, "ا").replace(/ى/g, "ي").replace(/ة/g, "ه").toLowerCase().trim();
  document.addEventListener("keydown", (event) => {
    const list = event.target;
    if (!list.matches?.("select") || event.key.length !== 1 || event.altKey || event.ctrlKey || event.metaKey) return;
    if (event.timeStamp - last > pause) typed = "";
    if (event.key === " " && !typed) return;
    last = event.timeStamp;
    typed += event.key;
    event.preventDefault();
    const sought = plain(typed);
    const at = [...list.options].findIndex((option) => plain(option.text).startsWith(sought));
    if (at < 0 || at === list.selectedIndex) return;
    list.selectedIndex = at;
    list.dispatchEvent(new Event("input", { bubbles: true }));
    list.dispatchEvent(new Event("change", { bubbles: true }));
  });
})();
