import { testProvider } from "express-image-gateway/testing";

import { picture } from "../../support/scripted-provider";
import { painter } from "./painter";

testProvider({ describe, it }, { create: () => ({ provider: painter(() => picture(), 5, 1) }) });
