// @ts-check
import { createAnnouncer } from "./announcer.mjs";
import { createApi } from "./api.mjs";
import { createCatalog } from "./catalog.mjs";
import { mountConnection } from "./connection-view.mjs";
import { byId } from "./element.mjs";
import { explain } from "./errors.mjs";
import { DEMO_KEYS } from "./examples.mjs";
import { mountForm } from "./form.mjs";
import { mountGallery } from "./gallery.mjs";
import { galleryItems } from "./gallery-items.mjs";
import { createJobActions } from "./job-actions.mjs";
import { mountJobs } from "./job-list.mjs";
import { mountLightbox } from "./lightbox.mjs";
import { mountModels } from "./model-field.mjs";
import { isNarrow } from "./narrow.mjs";
import { createRenewal } from "./picture-links.mjs";
import { createProgress } from "./progress.mjs";
import { mountRequestError } from "./request-error.mjs";
import { rememberedForm, rememberedKey, rememberForm, rememberKey } from "./session-memory.mjs";
import { mountSnippets } from "./snippet-panel.mjs";
import { initialState } from "./state.mjs";
import { createStore } from "./store.mjs";
import { mountTheme } from "./theme.mjs";

/** Where the parts meet: actions change the store, the store draws the views, views call actions. */

const KEEP_UP_MS = 2_000;

const setting = (/** @type {string} */ name) =>
  document.querySelector(`meta[name="${name}"]`)?.getAttribute("content") ?? "";
const apiBase = new URL(`${setting("api-base")}/`, document.baseURI);
const socketPath = new URL(setting("socket-path"), document.baseURI).pathname;
const namespace = setting("socket-namespace");

const store = createStore(initialState(rememberedKey() ?? DEMO_KEYS[0]?.key ?? ""));
const api = createApi({ base: apiBase, keyOf: () => store.get().key });
const catalog = createCatalog({ store, api });
const links = createRenewal({ store, api });
const actions = createJobActions({ store, api, progress: () => progress });
const progress = createProgress({
  socketPath,
  namespace,
  onProgress: actions.hear,
  onPreview: actions.preview,
  onConnection(connection) {
    store.update((state) => ({ ...state, connection }));
    if (connection.status === "online") catchUp();
  },
});

/** What may have been missed while there was no connection. */
function catchUp() {
  void actions.recover();
  links.renewPostponed();
  const { models, recent } = store.get();
  if (models.status === "failed") void catalog.loadModels();
  if (recent.status === "failed") void catalog.loadRecent();
}

function enter() {
  void catalog.loadModels();
  void catalog.loadRecent();
  progress.connect(store.get().key);
}

function changeKey(/** @type {string} */ key) {
  if (key === "") return;
  // Typed anew: what was said of it is gone from its field.
  if (key === store.get().key) return actions.showError(null);
  rememberKey(key);
  form.clearMarks();
  store.update((state) => ({ ...state, key, error: null, recent: { status: "loading", jobs: [] } }));
  enter();
}

const announcer = createAnnouncer();
const form = mountForm({
  onAttempt: () => actions.showError(null),
  onEdit(field) {
    const { error } = store.get();
    // What was wrong with the field is no longer in it. A key is judged when it is complete.
    if (field !== "key" && error !== null && explain(error).field === field) actions.showError(null);
  },
  onSubmit(request) {
    form.clearMarks();
    void actions.submit(request);
    showJobs();
  },
  onChange() {
    rememberForm(form.request());
    showSnippet();
  },
  onKey: changeKey,
});
const openLightbox = mountLightbox({
  onReuse: (prompt) => form.fill({ ...form.request(), prompt }),
  announce: announcer.announce,
});
const open = (/** @type {import("./state.mjs").Picture} */ picture, /** @type {HTMLElement} */ opener) => {
  const pictures = galleryItems(store.get()).flatMap((item) => item.picture ?? []);
  openLightbox(picture, pictures, opener);
};
const renderJobs = mountJobs({
  onCancel: (localId) => void actions.cancel(localId),
  onDismiss: actions.dismiss,
  onClear: () => actions.clearFinished(),
  onReuse: form.fill,
  onOpen: open,
  onBroken: (picture) => void links.renew(picture),
});
const renderGallery = mountGallery({
  onOpen: open,
  onBroken: (picture) => void links.renew(picture),
  onSeen: (jobId) => void catalog.askPictures(jobId),
});
const renderSnippet = mountSnippets({ announce: announcer.announce });
const renderModels = mountModels({ wanted: () => rememberedForm()?.["model"] });
const renderConnection = mountConnection({ onRetry: progress.openNow });
const renderError = mountRequestError({
  mark: form.mark,
  announce: announcer.announce,
  onRetry: () => byId("form").requestSubmit(),
  onClose: () => actions.showError(null),
});

/** What the form says already is not said once more on top. */
function isToldInForm(/** @type {import("./state.mjs").State} */ { connection, error }) {
  if (error === null) return false;
  return connection.status === "refused" ? explain(error).field === "key" : error.code === "network";
}

/** The new card may be out of sight. */
function showJobs() {
  const title = byId("jobs-title");
  if (isNarrow() || title.getBoundingClientRect().top < 0) title.scrollIntoView();
}

function showSnippet() {
  const { href } = apiBase;
  renderSnippet({
    baseUrl: href.slice(0, -1),
    origin: location.origin,
    key: store.get().key,
    body: form.request(),
    socketPath,
    namespace,
  });
}

mountTheme(byId("theme"));
form.showKey(store.get().key);
const before = rememberedForm();
if (before !== undefined) form.write(before);
store.subscribe((state) => {
  renderConnection(state.connection, { isTold: isToldInForm(state) });
  renderModels(state.models);
  renderError(state.error);
  renderJobs(state);
  renderGallery(state);
  announcer.follow(state);
  showSnippet();
});
form.changed();
enter();
setInterval(actions.keepUp, KEEP_UP_MS);
