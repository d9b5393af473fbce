// Puts the panel into <related-articles url limit endpoint>. A panel that the server rendered is left as it is.
(() => {
  const home = new URL(document.currentScript.src).origin;
  customElements.get("related-articles") ||
    customElements.define("related-articles", class extends HTMLElement {
      async connectedCallback() {
        if (this.querySelector(".readnext")) return;
        const ask = new URLSearchParams({ url: this.getAttribute("url") || location.pathname });
        if (this.getAttribute("limit")) ask.set("limit", this.getAttribute("limit"));
        try {
          const answer = await fetch(`${this.getAttribute("endpoint") || home}/v1/related.html?${ask}`);
          if (answer.ok) this.innerHTML = await answer.text();
        } catch {
          // Without an answer the page stays as it is.
        }
      }
    });
})();
