import { testProvider } from "../../lib/testing/provider";
import { atelier } from "./atelier/provider";
import { startAtelier } from "./atelier/upstream";

testProvider(
  { describe, it },
  { upstream: startAtelier, create: ({ http }) => ({ provider: atelier(), http }) },
);
