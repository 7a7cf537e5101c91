"use strict";
(() => {
  const tip = document.createElement("div");
  tip.className = "tip";
  tip.hidden = true;
  tip.setAttribute("aria-hidden", "true");
  document.body.append(tip);
  for (const element of document.querySelectorAll("[data-hover][title]")) element.removeAttribute("title");
  for (const title of document.querySelectorAll("[data-hover] > title")) title.remove();
  const told = document.getElementById("told");
  const hovered = (event) => (event.target instanceof Element ? event.target.closest("[data-hover]") : null);
  document.addEventListener("pointermove", (event) => {
    const element = hovered(event);
    tip.hidden = !element;
    if (!element) return;
    tip.textContent = element.dataset.hover;
    const left = Math.min(event.clientX + 14, innerWidth - tip.offsetWidth - 8);
    const below = event.clientY + 18 + tip.offsetHeight < innerHeight;
    tip.style.left = `${Math.max(8, left)}px`;
    tip.style.top = `${below ? event.clientY + 18 : Math.max(8, event.clientY - tip.offsetHeight - 12)}px`;
  });
  document.addEventListener("click", (event) => {
    const element = hovered(event);
    if (!element || !told) return;
    told.textContent = element.dataset.hover;
    told.hidden = false;
  });
  for (const square of document.querySelectorAll("td[data-hover]")) {
    square.tabIndex = 0;
    square.addEventListener("keydown", (event) => {
      if (event.key === "Enter" || event.key === " ") {
        event.preventDefault();
        square.click();
      }
    });
  }

  const number = (text) => {
    const found = text.replace(/[,<%\s]/g, "");
    return found !== "" && !Number.isNaN(Number(found)) ? Number(found) : null;
  };
  const compare = (one, other) => {
    const [left, right] = [number(one), number(other)];
    if (left !== null && right !== null) return left - right;
    if ((left === null) !== (right === null)) return left === null ? 1 : -1;
    return one.localeCompare(other, "en", { numeric: true });
  };
  for (const table of document.querySelectorAll("table.data")) {
    const body = table.tBodies[0];
    const rows = [...body.rows];
    if (rows.length < 2) continue;
    const heads = [...table.tHead.rows[0].cells];
    heads.forEach((head, column) => {
      const button = document.createElement("button");
      button.type = "button";
      button.textContent = head.textContent;
      head.replaceChildren(button);
      head.setAttribute("aria-sort", "none");
      button.addEventListener("click", () => {
        const falling = head.getAttribute("aria-sort") === "ascending";
        for (const other of heads) other.setAttribute("aria-sort", "none");
        head.setAttribute("aria-sort", falling ? "descending" : "ascending");
        const sign = falling ? -1 : 1;
        const text = (row) => row.cells[column].textContent;
        body.append(...[...body.rows].sort((a, b) => sign * compare(text(a), text(b))));
      });
    });
    const tools = document.createElement("div");
    tools.className = "tools";
    if (rows.length > 7) {
      const label = document.createElement("label");
      const field = document.createElement("input");
      field.type = "search";
      label.append("Show rows with ", field);
      const count = document.createElement("span");
      count.setAttribute("role", "status");
      field.addEventListener("input", () => {
        const words = field.value.toLowerCase().split(/\s+/).filter(Boolean);
        let shown = 0;
        for (const row of rows) {
          const text = row.textContent.toLowerCase();
          row.hidden = !words.every((word) => text.includes(word));
          shown += row.hidden ? 0 : 1;
        }
        count.textContent = words.length ? ` ${shown} of ${rows.length} rows` : "";
      });
      tools.append(label, count);
    }
    const copy = document.createElement("button");
    copy.type = "button";
    copy.textContent = "Copy";
    copy.addEventListener("click", async () => {
      const lines = [heads, ...[...body.rows].filter((row) => !row.hidden).map((row) => [...row.cells])];
      const text = lines.map((cells) => cells.map((cell) => cell.textContent.trim()).join("\t")).join("\n");
      try {
        await navigator.clipboard.writeText(text);
        copy.textContent = "Copied";
      } catch {
        copy.textContent = "Not allowed here";
      }
      setTimeout(() => (copy.textContent = "Copy"), 2000);
    });
    tools.append(copy);
    table.parentElement.before(tools);
  }
})();
