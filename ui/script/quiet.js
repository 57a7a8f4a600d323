// No menu of the webview (it could reload or go back past the lock), and nothing dropped on a page.
for (const sign of ["contextmenu", "dragover", "drop"]) document.addEventListener(sign, (event) => event.preventDefault());
