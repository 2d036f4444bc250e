const INTEGER = /^(?:0|-?[1-9]\d{0,14})$/;
/** RFC 8259 §6; long ones would lose digits. */
const NUMBER = /^-?(?:0|[1-9]\d{0,14})(?:\.\d{1,15})?(?:[eE][+-]?\d{1,3})?$/;
/** Python writes its own with a capital letter. */
const BOOLEAN = /^(?:true|false)$/i;

/** What a schema says of its fields. */
type Properties = Readonly<Record<string, { readonly type: string }>>;

/** Words whatever they look like. */
const TEXTS = new Set(["negative_prompt"]);

/**
 * The value of a form's field, which arrives as text. Fields of OpenAI's are of the type that the schema names where the text reads as
 * such; what does not stays text, and the schema refuses it. Further ones are what they look like: a number, a boolean or a text.
 */
export function fieldValue(properties: Properties, name: string, text: string): unknown {
  const known = Object.hasOwn(properties, name) ? properties[name] : undefined;
  if (TEXTS.has(name)) return text;
  switch (known?.type) {
    case "integer":
      return INTEGER.test(text) ? Number(text) : text;
    case "boolean":
      return BOOLEAN.test(text) ? text.toLowerCase() === "true" : text;
    case undefined:
      return free(text);
    default:
      return text;
  }
}

function free(text: string): unknown {
  if (BOOLEAN.test(text)) return text.toLowerCase() === "true";
  const number = NUMBER.test(text) ? Number(text) : Number.NaN;
  return Number.isFinite(number) ? number : text;
}
