import { CashlineChat } from "./element.js";

customElements.define("cashline-chat", CashlineChat);
