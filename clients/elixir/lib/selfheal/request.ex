defmodule Selfheal.Request do
  @moduledoc "Sends one POST to `/v1/events` with Erlang's own HTTP client."

  @timeout_ms 10_000

  @doc "The address and headers of the server; nil when the client is not configured."
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
  Sends events. `{:accepted, rejected}`: all are durable, except `rejected` invalid ones. `{:refused, status}`: a retry
  with the same body is useless. `{:again, wait_ms}`: retry after that time.
  """
  @spec post({charlist(), list()} | nil, binary()) ::
          {:accepted, non_neg_integer()} | {:refused, pos_integer() | :unconfigured} | {:again, non_neg_integer()}
  def post(nil, _body), do: {:refused, :unconfigured}

  def post({address, headers}, body) do
    options = [timeout: @timeout_ms, connect_timeout: @timeout_ms, autoredirect: false] ++ tls(address)

    case :httpc.request(:post, {address, headers, 'application/json', body}, options, body_format: :binary) do
      {:ok, {{_, 202, _}, _headers, answer}} -> {:accepted, rejected(answer)}
      # httpc itself waits for a 503 with Retry-After, within the timeout.
      {:ok, {{_, status, _}, headers, _}} when status == 429 or status >= 500 -> {:again, retry_after(headers)}
      {:ok, {{_, status, _}, _headers, _}} -> {:refused, status}
      {:error, _reason} -> {:again, 0}
    end
  end

  # Only the number of rejected events is needed from `"rejected":[{"index":1,…},…]`.
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
