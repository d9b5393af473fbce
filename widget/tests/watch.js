/** Collects what a page without faults never does. */
export function watch(page) {
  const trouble = [];
  page.on("console", (message) => {
    if (["error", "warning"].includes(message.type())) trouble.push(`${message.type()}: ${message.text()}`);
  });
  page.on("pageerror", (error) => trouble.push(`page error: ${error.message}`));
  page.on("requestfailed", (request) => trouble.push(`failed: ${request.url()}: ${request.failure().errorText}`));
  page.on("response", (answer) => {
    if (answer.status() >= 400) trouble.push(`answered ${answer.status()}: ${answer.url()}`);
  });
  page.on("dialog", (dialog) => {
    trouble.push(`dialog: ${dialog.message()}`);
    dialog.dismiss();
  });
  return trouble;
}
