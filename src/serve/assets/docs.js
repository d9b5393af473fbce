// Shows the description of the API, dark where the reader's other pages are.
const dark = matchMedia("(prefers-color-scheme: dark)");
const paint = () => document.documentElement.classList.toggle("dark-mode", dark.matches);
paint();
dark.addEventListener("change", paint);

// A path stands in the button that opens its resource: as text, since a link in a button is reached by nobody's keyboard.
const PathsAsText = ({ React }) => ({
  components: { DeepLink: ({ text }) => React.createElement("span", null, text) },
});

// Headings follow on the title of the page, which is an h1; a button that shows a picture and a choice of values have names; and
// what is wider than its box is scrolled with the keyboard too.
const name = () => {
  for (const heading of document.querySelectorAll("h3, h4, h5")) heading.setAttribute("aria-level", heading.tagName[1] - 1);
  for (const button of document.querySelectorAll(".copy-to-clipboard button")) button.setAttribute("aria-label", "Copy");
  for (const row of document.querySelectorAll("tr[data-param-name]")) {
    row.querySelector("select")?.setAttribute("aria-label", row.dataset.paramName);
  }
  for (const example of document.querySelectorAll("pre.microlight")) example.tabIndex = 0;
};
new MutationObserver(name).observe(document.getElementById("swagger-ui"), { childList: true, subtree: true });

window.ui = SwaggerUIBundle({
  "url": "/openapi.json",
  "dom_id": "#swagger-ui",
  "deepLinking": true,
  "validatorUrl": "none",
  "layout": "BaseLayout",
  "plugins": [PathsAsText],
});
