import { type Fault, ProviderError, type ProviderErrorInfo } from "../../../ports/provider-error";
import { FAULT_MESSAGES } from "../../upstream/fault-messages";

export type Started = ProviderErrorInfo["started"];

/** @param message default: what is said of the fault everywhere */
export const failed = (
  fault: Fault,
  started: Started,
  info: Omit<ProviderErrorInfo, "started"> = {},
  message = "",
): ProviderError => new ProviderError(fault, message || FAULT_MESSAGES[fault], { ...info, started });
