"""Refuses what the SDK does not know: parameters are checked against the TypedDicts of `stripe.params`, nested too.

The SDK writes closed lists of values as `Literal[…] | str`, to survive new values in answers. Stripe itself refuses
values outside the list, so the stand-in reads them as closed.
"""

import types
import typing
from collections.abc import Mapping
from functools import cache
from typing import Any, Literal, NotRequired, Required, Union

import typing_extensions
from stripe import RequestOptions
from stripe._stripe_object import UntypedStripeObject

from portal.sandbox.stripe.state.objects import Json
from portal.sandbox.stripe.wire.refusals import Refusal

# Names that the SDK's modules import for type checkers only.
MISSING_NAMES: dict[str, Any] = {"StripeContext": object, "Mapping": Mapping}
METADATA_KEYS, METADATA_KEY_LENGTH, METADATA_VALUE_LENGTH = 50, 40, 500


@cache
def fields(shape: type) -> dict[str, Any]:
    """The parameters of one of the SDK's TypedDicts and their types, without the options of a request."""
    hints = typing.get_type_hints(shape, localns=MISSING_NAMES)
    options = RequestOptions.__annotations__ if "idempotency_key" in hints else {}
    return {name: hint for name, hint in hints.items() if name not in options}


@cache
def required(shape: type) -> tuple[str, ...]:
    """The parameters that may not be left out, in the SDK's order."""
    keys: frozenset[str] = getattr(shape, "__required_keys__", frozenset())
    return tuple(name for name in fields(shape) if name in keys)


@cache
def alternatives(hint: Any) -> tuple[Any, ...]:
    """A union taken apart, wrappers removed."""
    origin = typing.get_origin(hint)
    if origin in (Union, types.UnionType):
        return tuple(leaf for part in typing.get_args(hint) for leaf in alternatives(part))
    if origin in (NotRequired, Required, typing_extensions.NotRequired, typing_extensions.Required):
        return alternatives(typing.get_args(hint)[0])
    return (hint,)


@cache
def words_of(hint: Any) -> tuple[str, ...]:
    """The values of a closed list; none where anything of a type may stand."""
    literals = [leaf for leaf in alternatives(hint) if typing.get_origin(leaf) is Literal]
    return tuple(word for leaf in literals for word in typing.get_args(leaf))


def check(params: Json, shape: type, inside: str = "") -> Json:
    """Parameters with their types: integers, booleans, lists and nested dicts instead of strings.

    Args:
        params: as `form.decode` gives them.
        shape: a TypedDict of `stripe.params`.
        inside: the name of the surrounding parameter, for messages.
    Raises:
        Refusal: 400 parameter_unknown, parameter_missing, parameter_invalid_integer, parameter_invalid_empty, …
    """
    known = fields(shape)
    unknown = [label(inside, name) for name in params if name not in known]
    if unknown:
        plural = "s" if len(unknown) > 1 else ""
        message = f"Received unknown parameter{plural}: {', '.join(unknown)}"
        raise Refusal(400, message, "parameter_unknown", unknown[0])
    for name in required(shape):
        if name not in params:
            param = label(inside, name)
            raise Refusal(400, f"Missing required param: {param}.", "parameter_missing", param)
    return {name: convert(value, known[name], label(inside, name)) for name, value in params.items()}


def label(inside: str, name: str) -> str:
    """A parameter's full name: `card` inside `payment_method_options` is `payment_method_options[card]`."""
    return f"{inside}[{name}]" if inside else name


def convert(value: Any, hint: Any, param: str) -> Any:
    """One value from the wire as the type that the SDK declares for it. Raises Refusal 400 when it is none."""
    leaves = alternatives(hint)
    literals = words_of(hint)
    if isinstance(value, dict):
        return convert_nested(value, leaves, param)
    if value == "":
        if "" in literals:
            return ""
        raise Refusal(
            400,
            f"You passed an empty string for '{param}'. We assume empty values are an attempt to unset a parameter; "
            f"however '{param}' cannot be unset. You should remove '{param}' from your request or supply a "
            "non-empty value.",
            "parameter_invalid_empty",
            param,
        )
    if bool in leaves and value in ("true", "false"):
        return value == "true"
    if int in leaves and value.lstrip("-").isascii() and value.lstrip("-").isdigit():
        return int(value)
    words = [word for word in literals if word != ""]
    if value in words:
        return value
    if words:
        raise Refusal(400, f"Invalid {param}: must be one of {', '.join(words)}", param=param)
    if str in leaves or any(leaf not in (int, bool) and typing.get_origin(leaf) is None for leaf in leaves):
        if any(typing.is_typeddict(leaf) or typing_extensions.is_typeddict(leaf) for leaf in leaves):
            raise Refusal(400, f"Invalid object: {param}", "parameter_invalid_object", param)
        return value
    if int in leaves:
        raise Refusal(400, f"Invalid integer: {value}", "parameter_invalid_integer", param)
    if bool in leaves:
        raise Refusal(400, f"Invalid boolean: {value}", param=param)
    raise Refusal(400, f"Invalid value for {param}", param=param)


def convert_nested(value: Json, leaves: tuple[Any, ...], param: str) -> Any:
    """A nested value: a list, a hash of free keys, or one of the SDK's own hashes."""
    for leaf in leaves:
        origin = typing.get_origin(leaf)
        if origin is list:
            if not all(key.isdigit() for key in value):
                raise Refusal(400, f"Invalid array: {param}", "parameter_invalid_array", param)
            item = typing.get_args(leaf)[0]
            return [convert(value[key], item, f"{param}[{key}]") for key in sorted(value, key=int)]
        if origin is dict or origin is UntypedStripeObject:
            return check_metadata(value, param)
        if typing.is_typeddict(leaf) or typing_extensions.is_typeddict(leaf):
            return check(value, leaf, param)
    raise Refusal(400, f"Invalid value for {param}: it must not be an object", "parameter_invalid_string", param)


def check_metadata(value: Json, param: str) -> Json:
    """Free keys and values within Stripe's limits: 50 keys of up to 40 characters, values of up to 500."""
    if len(value) > METADATA_KEYS:
        raise Refusal(
            400, f"Metadata can have up to {METADATA_KEYS} keys, but you passed in {len(value)}.", param=param
        )
    for key, text in value.items():
        if not isinstance(text, str):
            raise Refusal(400, f"Metadata values must be strings: {param}[{key}]", param=f"{param}[{key}]")
        if len(key) > METADATA_KEY_LENGTH:
            raise Refusal(400, f"Metadata keys can have up to {METADATA_KEY_LENGTH} characters: '{key}'", param=param)
        if len(text) > METADATA_VALUE_LENGTH:
            raise Refusal(
                400,
                f"Metadata values can have up to {METADATA_VALUE_LENGTH} characters, but you passed in a value that is "
                f"{len(text)} characters. Invalid value: {text[:20]}…",
                param=f"{param}[{key}]",
            )
    return value
