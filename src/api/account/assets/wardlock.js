// What the pages do beyond forms: passkeys, a meter for new passwords, codes sent when they are whole. All else works
// without this.

const kWarnBeforeEnd = 120_000; // ms

const pagesOf = (selector) => document.querySelectorAll(selector);

// ---- Passkeys (WebAuthn Level 3) ----

function sendAnswer(form, credential) {
  form.elements.answer.value = JSON.stringify(credential.toJSON());
  form.submit();
}

function showFailure(form) {
  const place = form.querySelector('.fault');
  place.textContent = form.dataset.failed;
  place.hidden = false;
}

async function askAuthenticator(form, options, more) {
  if (form.dataset.passkey === 'create') {
    return navigator.credentials.create(
      { publicKey: PublicKeyCredential.parseCreationOptionsFromJSON(options), ...more });
  }
  return navigator.credentials.get(
    { publicKey: PublicKeyCredential.parseRequestOptionsFromJSON(options), ...more });
}

/// A passkey among the user names that the browser suggests, while nothing else is asked for.
async function offerAmongNames(form, options, waiting) {
  if (!('conditional' in form.dataset)) return;
  if (!(await PublicKeyCredential.isConditionalMediationAvailable?.())) return;
  try {
    const credential = await askAuthenticator(form, options,
      { mediation: 'conditional', signal: waiting.signal });
    if (credential) sendAnswer(form, credential);
  } catch {
    // Given up for the button, or by the browser: the form is still there.
  }
}

function preparePasskey(form) {
  if (!window.PublicKeyCredential?.parseRequestOptionsFromJSON) return;
  const options = JSON.parse(form.dataset.options);
  const waiting = new AbortController();
  form.hidden = false;
  form.addEventListener('submit', async (event) => {
    event.preventDefault();
    waiting.abort();
    const button = form.querySelector('button');
    button.setAttribute('aria-busy', 'true');
    try {
      sendAnswer(form, await askAuthenticator(form, options, {}));
    } catch {
      showFailure(form);
    } finally {
      button.removeAttribute('aria-busy');
    }
  });
  offerAmongNames(form, options, waiting);
}

// ---- Passwords and codes ----

function addShowButton(input) {
  const row = document.createElement('div');
  row.className = 'shown';
  const button = document.createElement('button');
  button.type = 'button';
  const tell = () => {
    const isShown = input.type === 'text';
    button.textContent = isShown ? input.dataset.hideShort : input.dataset.showShort;
    button.setAttribute('aria-label', isShown ? input.dataset.hide : input.dataset.show);
  };
  button.addEventListener('click', () => {
    input.type = input.type === 'password' ? 'text' : 'password';
    tell();
  });
  tell();
  input.replaceWith(row);
  row.append(input, button);
  input.form.addEventListener('submit', () => { input.type = 'password'; });
  if (input.autofocus) input.focus();
}

function sendWhenWhole(input) {
  const digits = Number(input.dataset.digits);
  input.addEventListener('input', () => {
    const typed = input.value.replaceAll(' ', '');
    if (new RegExp(`^[0-9]{${digits}}$`).test(typed)) input.form.requestSubmit();
  });
}

async function askStrength(form, password) {
  const answer = await fetch(form.dataset.strength, {
    method: 'POST',
    body: new URLSearchParams({ csrf: form.elements.csrf.value, new: password }),
  });
  return answer.ok ? answer.json() : null;
}

function prepareMeter(form) {
  const input = form.elements.new;
  const place = form.querySelector('.strength');
  const words = place.dataset.words.split('|');
  let waiting = 0;
  input.addEventListener('input', () => {
    clearTimeout(waiting);
    waiting = setTimeout(async () => {
      const asked = input.value;
      const strength = asked === '' ? null : await askStrength(form, asked).catch(() => null);
      if (asked !== input.value) return;
      place.hidden = strength === null;
      if (strength === null) return;
      place.querySelector('meter').value = strength.score + 1;
      place.querySelector('p').textContent = [words[strength.score], ...strength.advice].join('. ');
    }, 300);
  });
}

// ---- Sessions ----

/// The server's clock counts, as this one may be wrong.
function warnBeforeEnd(place) {
  const left = Number(place.dataset.ends) - Number(place.dataset.now);
  setTimeout(() => { place.hidden = false; }, Math.max(0, left - kWarnBeforeEnd));
}

function tellLocalTime(place) {
  const time = new Date(place.dateTime);
  if (!Number.isNaN(time.valueOf())) {
    place.textContent = time.toLocaleString(document.documentElement.lang,
      { dateStyle: 'medium', timeStyle: 'short' });
  }
}

pagesOf('form[data-passkey]').forEach(preparePasskey);
pagesOf('input[data-show]').forEach(addShowButton);
pagesOf('input[data-digits]').forEach(sendWhenWhole);
pagesOf('form[data-strength]').forEach(prepareMeter);
pagesOf('#ending').forEach(warnBeforeEnd);
pagesOf('time').forEach(tellLocalTime);
pagesOf('[data-print]').forEach((button) => {
  button.hidden = false;
  button.addEventListener('click', () => window.print());
});
