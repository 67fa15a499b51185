/* Small things that a page does without asking the server. Everything works without them. */
(() => {
  const menu = document.querySelector("details.person");
  document.addEventListener("click", (event) => {
    if (menu?.open && !menu.contains(event.target)) menu.open = false;
  });
  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape" && menu?.open) {
      menu.open = false;
      menu.querySelector("summary").focus();
    }
    const typing = event.target.closest?.("input, textarea, select");
    if (event.key === "/" && !typing && !event.ctrlKey && !event.metaKey && !event.altKey) {
      const find = document.querySelector("#find");
      if (find) {
        event.preventDefault();
        find.focus();
      }
    }
  });
  /* On a phone the menu is wider than the screen: where the reader is stands in it. */
  document.querySelector(".menu [aria-current]")?.scrollIntoView({ block: "nearest", inline: "center" });
  /* The part that htmx brought in is where the reader goes on. */
  document.addEventListener("htmx:after:swap", () => {
    const next = document.querySelector("[data-focus]");
    if (next) {
      next.removeAttribute("data-focus");
      next.focus({ preventScroll: true });
      next.scrollIntoView({ block: "nearest" });
    }
  });
})();
