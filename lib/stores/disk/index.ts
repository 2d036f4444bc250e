import type { ImageStore, Logger, StoredImage } from "../../ports";

import { digest } from "../../internal/digest";
import { isImageKey } from "../image-key";
import { Ledger } from "../ledger";
import { type LimitOptions, type Limits, resolveLimits } from "../limits";
import { Reservations } from "../reservations";
import { fileBody } from "./body";
import { Folder } from "./folder";
import { openImage } from "./open-image";
import { makePrivateFolder, prepareGivenFolder } from "./prepare-folder";
import { orPathless } from "./refusals";
import { removeFolder } from "./remove-folder";
