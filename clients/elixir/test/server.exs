defmodule Selfheal.TestServer do
  @moduledoc "A server that answers each request with the next scripted answer, and tells the test what it got."

  def start(answers, test \\ self()) do
    {:ok, listener} =
      :gen_tcp.listen(0, [:binary, packet: :http_bin, active: false, reuseaddr: true, ip: {127, 0, 0, 1}])

    {:ok, port} = :inet.port(listener)
    spawn_link(fn -> serve(listener, answers, test) end)
    "http://127.0.0.1:#{port}"
  end

  defp serve(listener, answers, test) do
    {:ok, socket} = :gen_tcp.accept(listener)
    serve(listener, requests(socket, answers, test), test)
  end

  defp requests(socket, answers, test) do
    case :gen_tcp.recv(socket, 0) do
      {:ok, {:http_request, :POST, {:abs_path, path}, _}} ->
        # A request that was not scripted ends the test.
        [{status, headers, body} | others] = answers
        length = content_length(socket, 0)
        :inet.setopts(socket, packet: :raw)
        {:ok, text} = :gen_tcp.recv(socket, length)
        :inet.setopts(socket, packet: :http_bin)
        send(test, {:request, path, text})
        lines = Enum.map(headers, fn {name, value} -> "#{name}: #{value}\r\n" end)
        :gen_tcp.send(socket, ["HTTP/1.1 #{status} x\r\ncontent-length: #{byte_size(body)}\r\n", lines, "\r\n", body])
        requests(socket, others, test)

      {:error, :closed} ->
        answers
    end
  end

  defp content_length(socket, found) do
    case :gen_tcp.recv(socket, 0) do
      {:ok, {:http_header, _, :"Content-Length", _, value}} -> content_length(socket, String.to_integer(value))
      {:ok, {:http_header, _, _, _, _}} -> content_length(socket, found)
      {:ok, :http_eoh} -> found
    end
  end
end
