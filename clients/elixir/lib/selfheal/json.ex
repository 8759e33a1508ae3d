defmodule Selfheal.Json do
  @moduledoc """
  Encodes JSON. The client must not add a dependency to the application, and Elixir has no encoder of its own before
  1.18. Terms that JSON cannot represent (processes, functions, structs) are encoded as their inspected text.
  """

  @doc "Encodes a term as iodata."
  @spec encode(term()) :: iodata()
  def encode(nil), do: "null"
  def encode(true), do: "true"
  def encode(false), do: "false"
  def encode(number) when is_integer(number), do: Integer.to_string(number)
  def encode(number) when is_float(number), do: Float.to_string(number)
  def encode(atom) when is_atom(atom), do: text(Atom.to_string(atom))
  def encode(binary) when is_binary(binary), do: text(binary)
  def encode(%_{} = struct), do: text(inspect(struct))
  def encode(map) when is_map(map), do: [?{, between(Enum.map(map, &pair/1)), ?}]
  def encode(list) when is_list(list), do: [?[, between(Enum.map(list, &encode/1)), ?]]
  def encode(other), do: text(inspect(other))

  defp pair({key, value}), do: [text(to_text(key)), ?:, encode(value)]

  defp to_text(key) when is_binary(key), do: key
  defp to_text(key) when is_atom(key) or is_number(key), do: to_string(key)
  defp to_text(key), do: inspect(key)

  defp between(parts), do: Enum.intersperse(parts, ?,)

  defp text(binary), do: [?", escape(valid(binary)), ?"]

  defp valid(binary), do: if(String.valid?(binary), do: binary, else: inspect(binary))

  defp escape(text), do: for(<<char::utf8 <- text>>, into: "", do: escaped(char))

  defp escaped(?"), do: ~S(\")
  defp escaped(?\\), do: ~S(\\)
  defp escaped(char) when char < 0x20, do: "\\u" <> (char |> Integer.to_string(16) |> String.pad_leading(4, "0"))
  defp escaped(char), do: <<char::utf8>>
end
