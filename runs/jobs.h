// Work done by several threads and taken in order, so that the result does not depend on their
// number. No two pieces of work touch the same data: the threads share no world.
#pragma once

#include <condition_variable>
#include <cstdint>
#include <exception>
#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <thread>
#include <utility>
#include <vector>

namespace txsim {

template <class Result>
class OrderedJobs {
 public:
  using Produce = std::function<Result(std::uint64_t piece)>;  // called by any thread
  using Take = std::function<bool(Result&&)>;  // called in order by one thread; false: stop

  OrderedJobs(unsigned jobs, std::uint64_t pieces, Produce produce)
      : jobs_(jobs), pieces_(pieces), produce_(std::move(produce)) {}

  // Takes the results of pieces 0, 1, 2 ... until there are no more or `take` returns false. An
  // exception of `produce` is thrown here, after all results before it have been taken.
  void run(const Take& take) {
    if (jobs_ <= 1) {
      for (std::uint64_t piece = 0; piece < pieces_; ++piece) {
        if (!take(produce_(piece))) return;
      }
      return;
    }
    std::vector<std::thread> threads;
    try {  // the threads are joined before they are destroyed, also if no more can be made
      for (unsigned i = 0; i < jobs_; ++i) threads.emplace_back([this] { work(); });
      take_all(take);
    } catch (...) {
      stop(threads);
      throw;
    }
    stop(threads);
  }

 private:
  // How many pieces each thread may be ahead of `take`: bounds the memory.
  static constexpr std::uint64_t kAhead = 4;
  struct Done {
    std::optional<Result> result;
    std::exception_ptr error;
  };

  void work() {
    std::unique_lock lock(mutex_);
    while (true) {
      room_.wait(lock, [&] { return stopped_ || next_ < taken_ + kAhead * jobs_; });
      if (stopped_ || next_ >= pieces_) return;
      const std::uint64_t piece = next_++;
      lock.unlock();
      Done done;
      try {
        done.result.emplace(produce_(piece));
      } catch (...) {
        done.error = std::current_exception();
      }
      lock.lock();
      done_.emplace(piece, std::move(done));
      ready_.notify_one();
    }
  }

  void take_all(const Take& take) {
    for (std::uint64_t piece = 0; piece < pieces_; ++piece) {
      std::unique_lock lock(mutex_);
      ready_.wait(lock, [&] { return done_.contains(piece); });
      Done done = std::move(done_.extract(piece).mapped());
      ++taken_;
      room_.notify_all();
      lock.unlock();
      if (done.error) std::rethrow_exception(done.error);
      if (!take(std::move(*done.result))) return;
    }
  }

  void stop(std::vector<std::thread>& threads) {
    {
      const std::lock_guard lock(mutex_);
      stopped_ = true;
    }
    room_.notify_all();
    for (std::thread& thread : threads) thread.join();
  }

  unsigned jobs_;
  std::uint64_t pieces_;
  Produce produce_;
  std::mutex mutex_;
  std::condition_variable room_;
  std::condition_variable ready_;
  std::map<std::uint64_t, Done> done_;  // not yet taken
  std::uint64_t next_ = 0;
  std::uint64_t taken_ = 0;
  bool stopped_ = false;
};

// Threads that are kept from round to round.
class Crew {
 public:
  // Called with the number of the member that does the piece (below `size`), and with the piece.
  using Work = std::function<void(unsigned member, std::uint64_t piece)>;

  // The caller of `run` is one of the members.
  explicit Crew(unsigned size) {
    for (unsigned member = 1; member < size; ++member) {
      threads_.emplace_back([this, member] { serve(member); });
    }
  }
  Crew(const Crew&) = delete;
  Crew& operator=(const Crew&) = delete;
  ~Crew() {
    {
      const std::lock_guard lock(mutex_);
      is_over_ = true;
    }
    begins_.notify_all();
    for (std::thread& thread : threads_) thread.join();
  }

  // Does the pieces 0, 1, 2 ..., each by any member, and waits for all of them. Throws the
  // exception of the first piece that failed.
  void run(std::uint64_t pieces, const Work& work) {
    std::unique_lock lock(mutex_);
    work_ = &work;
    pieces_ = pieces;
    next_ = 0;
    failed_ = pieces;
    ++round_;
    begins_.notify_all();
    do_pieces(0, lock);
    ended_.wait(lock, [&] { return busy_ == 0; });
    pieces_ = 0;
    if (error_) std::rethrow_exception(std::exchange(error_, nullptr));
  }

 private:
  void serve(unsigned member) {
    std::unique_lock lock(mutex_);
    for (std::uint64_t seen = 0;;) {
      begins_.wait(lock, [&] { return is_over_ || round_ != seen; });
      if (is_over_) return;
      seen = round_;
      do_pieces(member, lock);
    }
  }

  void do_pieces(unsigned member, std::unique_lock<std::mutex>& lock) {
    ++busy_;
    while (next_ < pieces_) {
      const std::uint64_t piece = next_++;
      lock.unlock();
      std::exception_ptr error;
      try {
        (*work_)(member, piece);
      } catch (...) {
        error = std::current_exception();
      }
      lock.lock();
      if (!error || piece >= failed_) continue;
      failed_ = piece;
      error_ = error;
    }
    if (--busy_ == 0) ended_.notify_one();
  }

  std::vector<std::thread> threads_;
  std::mutex mutex_;
  std::condition_variable begins_;
  std::condition_variable ended_;
  const Work* work_ = nullptr;
  std::uint64_t round_ = 0;
  std::uint64_t pieces_ = 0;
  std::uint64_t next_ = 0;
  std::uint64_t failed_ = 0;  // the first piece that threw
  std::exception_ptr error_;
  unsigned busy_ = 0;
  bool is_over_ = false;
};

}  // namespace txsim
