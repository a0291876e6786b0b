type Child = Node | string | number | null | undefined | false;
type Prop = string | number | boolean | null | undefined | ((event: never) => void);

/**
 * An element with attributes, `on...` listeners and children; text is always text, never markup.
 */
export function h<K extends keyof HTMLElementTagNameMap>(
  tag: K,
  props: Record<string, Prop> = {},
  ...children: Child[]
): HTMLElementTagNameMap[K] {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(props)) {
    if (typeof value === "function") element.addEventListener(name.slice(2), value as EventListener);
    else setAttribute(element, name, value);
  }
  element.append(...children.filter(isShown).map((child) => (typeof child === "number" ? String(child) : child)));
  return element;
}

const isShown = (child: Child): child is Node | string | number =>
  child !== null && child !== undefined && child !== false;

/**
 * Sets, or for null and false removes, an attribute; touches the document only if something
 * changes.
 */
export function setAttribute(element: Element, name: string, value: string | number | boolean | null | undefined) {
  if (value === null || value === undefined || value === false) {
    if (element.hasAttribute(name)) element.removeAttribute(name);
    return;
  }
  const text = value === true ? "" : String(value);
  if (element.getAttribute(name) !== text) element.setAttribute(name, text);
}

export function setText(element: Element, text: string) {
  if (element.textContent !== text) element.textContent = text;
}

/**
 * Makes `parent` hold one element per item, in order. Elements are kept by key, so that focus,
 * scroll and selection survive an update.
 */
export function keyed<T>(
  parent: Element,
  items: readonly T[],
  keyOf: (item: T) => string,
  create: (item: T) => HTMLElement,
  update: (element: HTMLElement, item: T) => void,
) {
  const old = new Map<string, HTMLElement>();
  for (const child of Array.from(parent.children) as HTMLElement[]) old.set(child.dataset.key ?? "", child);
  let next: Element | null = parent.firstElementChild;
  for (const item of items) {
    const key = keyOf(item);
    let element = old.get(key);
    if (!element) {
      element = create(item);
      element.dataset.key = key;
    }
    old.delete(key);
    update(element, item);
    if (element === next) next = next.nextElementSibling;
    else {
      const focused = element.contains(document.activeElement) ? (document.activeElement as HTMLElement) : null;
      parent.insertBefore(element, next);
      focused?.focus();
    }
  }
  for (const gone of old.values()) gone.remove();
}

/** Fills a <select>, keeping it untouched while its choices stay the same. */
export function setOptions(
  select: HTMLSelectElement,
  options: readonly [value: string, label: string][],
  value: string,
) {
  const signature = JSON.stringify(options);
  if (select.dataset.options !== signature) {
    select.dataset.options = signature;
    select.replaceChildren(...options.map(([optionValue, label]) => h("option", { value: optionValue }, label)));
  }
  if (select.value !== value) select.value = value;
}
