"use strict";
(() => {
  const view = document.getElementById("view");
  const said = document.getElementById("said");
  const key = view.dataset.key;
  let revision = Number(view.dataset.revision);
  let tried = -1;
  const refresh = async () => {
    try {
      const answer = await fetch(`/e/${key}/state`);
      if (!answer.ok) throw new Error(answer.status);
      const state = await answer.json();
      if (state.revision !== revision || (tried >= 0 && state.tried !== tried)) {
        const page = await fetch(`/e/${key}/view`);
        if (page.ok) {
          view.innerHTML = await page.text();
          revision = state.revision;
        }
      }
      tried = state.tried;
      setTimeout(refresh, state.state === "done" || state.state === "none" ? 2000 : 300);
    } catch {
      said.textContent = "The board does not answer: was it closed?";
      setTimeout(refresh, 3000);
    }
  };
  setTimeout(refresh, 200);
  document.addEventListener("click", (event) => {
    const square = event.target instanceof Element ? event.target.closest("[data-hover]") : null;
    const told = document.getElementById("told");
    if (!square || !told) return;
    told.textContent = square.dataset.hover;
    told.hidden = false;
  });
  for (const form of document.querySelectorAll(".switches form, #save")) {
    form.addEventListener("submit", async (event) => {
      event.preventDefault();
      said.textContent = "…";
      const answer = await fetch(form.action, { method: "POST", body: new URLSearchParams(new FormData(form)) });
      if (answer.redirected) location.assign(answer.url);
      else said.textContent = await answer.text();
    });
  }
  const find = document.getElementById("find");
  find.addEventListener("input", () => {
    const words = find.value.toLowerCase().split(/\s+/).filter(Boolean);
    for (const details of document.querySelectorAll(".switches details")) {
      let shown = 0;
      for (const item of details.querySelectorAll("li")) {
        const text = item.textContent.toLowerCase();
        item.hidden = !words.every((word) => text.includes(word));
        shown += item.hidden ? 0 : 1;
      }
      if (words.length) details.open = shown > 0;
    }
  });
})();
