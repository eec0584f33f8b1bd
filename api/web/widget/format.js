// Money is integer cents, rates are basis points, dates are ISO days: nothing here parses a float.

const LOCALES = { en: "en-US", es: "es-US" };

export function money(cents) {
  const sign = cents < 0 ? "−" : "";
  const digits = String(Math.abs(cents)).padStart(3, "0");
  const dollars = digits.slice(0, -2).replace(/\B(?=(\d{3})+$)/g, ",");
  return `${sign}$${dollars}.${digits.slice(-2)}`;
}

export function rate(basisPoints) {
  const digits = String(basisPoints).padStart(3, "0");
  return `${digits.slice(0, -2)}.${digits.slice(-2)} %`;
}

/** An ISO day as the customer reads it; noon keeps every time zone on the same day. */
export function day(iso, language, style = "long") {
  const options = style === "short"
    ? { month: "short", day: "numeric" }
    : { month: "long", day: "numeric", year: "numeric" };
  return new Date(`${iso.slice(0, 10)}T12:00:00`).toLocaleDateString(LOCALES[language], options);
}

export function clock(iso, language) {
  return new Date(iso).toLocaleTimeString(LOCALES[language], { hour: "numeric", minute: "2-digit" });
}

export function words(identifier) {
  const text = identifier.replace(/_/g, " ");
  return text.charAt(0).toUpperCase() + text.slice(1);
}
