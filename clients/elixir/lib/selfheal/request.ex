defmodule Selfheal.Request do
  @moduledoc "One POST to `/v1/events`, over Erlang's own HTTP client."

  @timeout_ms 10_000

  @doc "Where the events go; nil when the client is not configured."
  @spec server(keyword()) :: {charlist(), [{charlist(), charlist()}]} | nil
  def server(settings) do
    with url when is_binary(url) <- settings[:url], key when is_binary(key) <- settings[:key] do
      address = String.trim_trailing(url, "/") <> "/v1/events"
      {String.to_charlist(address), [{'authorization', String.to_charlist("Bearer " <> key)}]}
    else
      _ -> nil
    end
  end

  @doc """
  `{:accepted, rejected}`: all are processed and durable, but for so many that are wrong. `{:refused, status}`: sending the
  same again is no use. `{:again, wait_ms}`: later.
  """
  @spec post({charlist(), list()} | nil, binary()) ::
          {:accepted, non_neg_integer()} | {:refused, pos_integer() | :unconfigured} | {:again, non_neg_integer()}
  def post(nil, _body), do: {:refused, :unconfigured}

  def post({address, headers}, body) do
    options = [timeout: @timeout_ms, connect_timeout: @timeout_ms, autoredirect: false] ++ tls(address)

    case :httpc.request(:post, {address, headers, 'application/json', body}, options, body_format: :binary) do
      {:ok, {{_, 202, _}, _headers, answer}} -> {:accepted, rejected(answer)}
      # A 503 with Retry-After is waited for by httpc itself, within the timeout.
      {:ok, {{_, status, _}, headers, _}} when status == 429 or status >= 500 -> {:again, retry_after(headers)}
      {:ok, {{_, status, _}, _headers, _}} -> {:refused, status}
      {:error, _reason} -> {:again, 0}
    end
  end

  # `"rejected":[{"index":1,…},…]`: how many there are is all that is needed of the answer.
  defp rejected(answer) do
    case String.split(answer, ~s("rejected":), parts: 2) do
      [_, list] -> length(Regex.scan(~r/"index":\d+/, list))
      _ -> 0
    end
  end

  defp retry_after(headers) do
    with {_, value} <- List.keyfind(headers, 'retry-after', 0),
         {seconds, _} <- value |> to_string() |> Integer.parse() do
      seconds * 1_000
    else
      _ -> 0
    end
  end

  defp tls('https' ++ _) do
    [
      ssl: [
        verify: :verify_peer,
        cacerts: :public_key.cacerts_get(),
        customize_hostname_check: [match_fun: :public_key.pkix_verify_hostname_match_fun(:https)]
      ]
    ]
  end

  defp tls(_address), do: []
end
