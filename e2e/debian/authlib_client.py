"""A web app of Authlib as its documentation shows it; what to do comes line by line, what came of it goes out as JSON."""

import json
import sys

import requests
from authlib.integrations.requests_client import OAuth2Session
from authlib.jose import JsonWebKey, jwt
from authlib.oidc.core import CodeIDToken

issuer, client_id, client_secret, redirect_uri = sys.argv[1:5]
metadata = requests.get(f"{issuer}/.well-known/openid-configuration").json()
client = OAuth2Session(
    client_id,
    client_secret,
    scope="openid profile email",
    redirect_uri=redirect_uri,
    code_challenge_method="S256",
    token_endpoint=metadata["token_endpoint"],
)


def tell(value):
    print(json.dumps(value), flush=True)


verifier = "a-code-verifier-of-authlib-0123456789-abcdefgh"
address, state = client.create_authorization_url(
    metadata["authorization_endpoint"], code_verifier=verifier, nonce="a-nonce"
)
tell({"address": address})

token = client.fetch_token(
    metadata["token_endpoint"], authorization_response=sys.stdin.readline().strip(), code_verifier=verifier
)
keys = JsonWebKey.import_key_set(requests.get(metadata["jwks_uri"]).json())
options = {
    "iss": {"essential": True, "value": issuer},
    "aud": {"essential": True, "value": client_id},
}
id_token = jwt.decode(token["id_token"], keys, claims_cls=CodeIDToken, claims_options=options, claims_params={"nonce": "a-nonce"})
id_token.validate()
tell({"name": client.get(metadata["userinfo_endpoint"]).json()["name"], "sub": id_token["sub"]})

renewed = client.refresh_token(metadata["token_endpoint"], refresh_token=token["refresh_token"])
tell({"is_renewed": renewed["refresh_token"] != token["refresh_token"]})

introspected = client.introspect_token(metadata["introspection_endpoint"], token=renewed["access_token"]).json()
client.revoke_token(metadata["revocation_endpoint"], token=renewed["refresh_token"])
after = client.introspect_token(metadata["introspection_endpoint"], token=renewed["access_token"]).json()
tell({"before": introspected["active"], "after": after["active"]})
