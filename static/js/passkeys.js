// Passkeys: adds one on the account page, signs in with one on the login page. Without them nothing is missing.
(function () {
  "use strict";
  var place = document.querySelector("[data-passkey]");
  if (!place) return;
  var button = place.querySelector("button");
  var sentence = place.querySelector("[role=status]");
  var unable = place.querySelector("[data-unable]");
  var adds = place.dataset.passkey === "add";
  var path = "/passkeys/" + place.dataset.passkey;
  var waiting = null; // the offer among the browser's suggestions, which a press of the button replaces

  if (!window.PublicKeyCredential || !window.AbortController || !navigator.credentials) {
    if (unable) unable.hidden = false;
    return;
  }
  button.hidden = false;

  function toBytes(text) {
    var binary = atob(text.replace(/-/g, "+").replace(/_/g, "/"));
    return Uint8Array.from(binary, function (character) {
      return character.charCodeAt(0);
    });
  }

  function toText(buffer) {
    var binary = String.fromCharCode.apply(null, new Uint8Array(buffer));
    return btoa(binary).replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");
  }

  // What parseCreationOptionsFromJSON and parseRequestOptionsFromJSON do, where a browser does not have them yet.
  function read(options) {
    var parse = adds ? "parseCreationOptionsFromJSON" : "parseRequestOptionsFromJSON";
    if (PublicKeyCredential[parse]) return PublicKeyCredential[parse](options);
    options.challenge = toBytes(options.challenge);
    if (options.user) options.user.id = toBytes(options.user.id);
    (options.excludeCredentials || []).forEach(function (known) {
      known.id = toBytes(known.id);
    });
    return options;
  }

  function written(credential) {
    var response = {};
    ["clientDataJSON", "attestationObject", "authenticatorData", "signature", "userHandle"].forEach(function (name) {
      if (credential.response[name]) response[name] = toText(credential.response[name]);
    });
    return { id: credential.id, type: credential.type, response: response };
  }

  function post(step, content) {
    var headers = { "Content-Type": "application/json" };
    if (place.dataset.csrf) headers["X-CSRFToken"] = place.dataset.csrf;
    return fetch(path + step, { method: "POST", headers: headers, body: JSON.stringify(content) }).then(function (answer) {
      return answer.json().then(function (said) {
        if (!answer.ok) throw { sentence: said.message };
        return said;
      });
    });
  }

  function tell(problem) {
    sentence.textContent = problem.sentence || (problem.name === "InvalidStateError" && place.dataset.known) || place.dataset.failed;
    sentence.hidden = false;
    button.disabled = false;
  }

  function run(mediation) {
    var stop = (waiting = new AbortController());
    return post("/begin", adds ? {} : { redirect: place.dataset.redirect || "" })
      .then(function (options) {
        if (stop.signal.aborted) throw { name: "AbortError" };
        var asked = { publicKey: read(options), signal: stop.signal };
        if (mediation) asked.mediation = mediation;
        return adds ? navigator.credentials.create(asked) : navigator.credentials.get(asked);
      })
      .then(function (credential) {
        return post("/finish", { credential: written(credential) });
      })
      .then(function (done) {
        var isHere = location.href === location.origin + done.location;
        location.assign(done.location);
        if (isHere) location.reload(); // going to where one is already would only scroll
      });
  }

  button.addEventListener("click", function () {
    if (waiting) waiting.abort();
    button.disabled = true;
    sentence.hidden = true;
    run("").catch(tell);
  });

  // Browsers that can offer a passkey while the address is typed (WebAuthn §5.1.7) stay quiet if there is none.
  if (!adds && PublicKeyCredential.isConditionalMediationAvailable) {
    PublicKeyCredential.isConditionalMediationAvailable().then(function (offers) {
      if (!offers || waiting) return;
      run("conditional").catch(function (problem) {
        if (problem.sentence) tell(problem);
      });
    });
  }

  // Back from the next page, as the browser kept this one.
  window.addEventListener("pageshow", function () {
    button.disabled = false;
  });
})();
