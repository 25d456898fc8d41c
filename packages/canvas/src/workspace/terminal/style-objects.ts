let users = 0;
const sheets = new Set<CSSStyleSheet>();

/**
 * While a terminal is shown, elements that its library makes set their styles through the style objects of the browser, not by markup, which the
 * page's policy forbids. So the policy stays as strict as it is. Nothing else on the page makes elements of these kinds with styles in markup.
 * @returns function that ends it
 */
export function styleByObjects(): () => void {
  users += 1;
  if (users === 1) document.createElement = createElement as typeof document.createElement; // the same for all tags but two
  return () => {
    users -= 1;
    if (users > 0) return;
    // The own property goes, and the one of the prototype shows again.
    Reflect.deleteProperty(document, 'createElement');
    document.adoptedStyleSheets = document.adoptedStyleSheets.filter((sheet) => !sheets.has(sheet));
    sheets.clear();
  };
}

function createElement(tag: string, options?: ElementCreationOptions): HTMLElement {
  if (tag === 'style') return sheetElement();
  const element = Document.prototype.createElement.call(document, tag, options);
  if (tag === 'span')
    element.setAttribute = (name: string, value: string): void => {
      if (name === 'style') element.style.cssText = value;
      else Element.prototype.setAttribute.call(element, name, value);
    };
  return element;
}

/** Stands where a style element would, and passes what is written into it on to a sheet. */
function sheetElement(): HTMLElement {
  const sheet = new CSSStyleSheet();
  sheets.add(sheet);
  document.adoptedStyleSheets.push(sheet);
  const element = Document.prototype.createElement.call(document, 'i');
  element.hidden = true;
  Object.defineProperty(element, 'textContent', {
    get: () => '',
    set: (text: string) => sheet.replaceSync(text),
  });
  return element;
}
